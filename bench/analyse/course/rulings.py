"""Whether records keep the rules of their suite's `course:` section, and on what evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from bench.errors import nearest
from bench.results.metrics import METRICS
from bench.results.query import rank
from bench.results.record import Record
from bench.suite.cells import Suite
from bench.suite.course import Course

__all__ = ["Ruling", "record_rulings", "rulings", "unknown_metrics"]

Verdict = Literal["holds", "fails", "unknown"]

_GOOD = "a good record"
_MIB = 2**20
_SIGNS = {"max": "at most", "min": "at least"}


@dataclass(frozen=True)
class Ruling:
    """One rule on one cell. `wanted` and `found` are in words; `evidence` is host and day of the record that decided.

    `unknown`: no record tells; `found` then says why.
    """

    cell: str
    rule: str
    verdict: Verdict
    wanted: str
    found: str
    evidence: str = ""


def unknown_metrics(names: Iterable[str]) -> dict[str, str]:
    """Those of the section's `columns` that are no metrics, each with words that lead to the right one."""
    return {name: nearest(name, METRICS) for name in names if name not in METRICS}


def rulings(suite: Suite, records: Sequence[Record]) -> tuple[Ruling, ...]:
    """Every rule on every cell of `suite`, judged by its newest record among `records` on whatever host.

    `records` are joined: see `bench.results.query.latest`. Without a section there are no rules.
    """
    if suite.course is None:
        return ()
    newest: dict[tuple[str, str, int, int], Record] = {}
    for record in records:
        key = (record.model, record.variant, record.batch_size, record.seed)
        if record.suite == suite.name and (key not in newest or rank(record) >= rank(newest[key])):
            newest[key] = record
    found = []
    for cell in suite.cells():
        one_record = newest.get((cell.model.name, cell.variant.name, cell.batch_size, cell.seed))
        if one_record is None:
            found.append(Ruling(cell.id, "measured", "unknown", _GOOD, "never measured: bench run does that"))
        else:
            found += record_rulings(suite.course, one_record)
    return tuple(found)


def record_rulings(course: Course, record: Record) -> tuple[Ruling, ...]:
    """Every rule on one record, whatever suite it is of."""
    return tuple(_of_record(course, record))


def _of_record(course: Course, record: Record) -> Iterator[Ruling]:
    cell, evidence = record.cell, f"{record.host}, {record.started[:10]}"
    if not record.ok or not record.counts:
        found = record.failure.message if record.failure is not None else "measured for debugging, by --executor inline"
        yield Ruling(cell, "measured", "fails", _GOOD, f"{record.status.replace('_', ' ')}: {found}", evidence)
        return
    yield Ruling(cell, "measured", "holds", _GOOD, "ok", evidence)
    yield from _of_data(course, record, evidence)
    for rule, metric, limit in _limits(course, record):
        yield _limited(rule, metric, limit, record, evidence)
    if course.columns:
        yield _columns(course, record, evidence)


def _of_data(course: Course, record: Record, evidence: str) -> Iterator[Ruling]:
    data = record.data
    if data is None:
        return
    if course.data:
        kept: Verdict = "holds" if data.requested in course.data else "fails"
        yield Ruling(record.cell, "data", kept, " or ".join(course.data), data.requested, evidence)
    if course.real_data:
        # a suite may ask for synthetic data itself, and then nothing stands in for anything
        stand_in = data.synthetic and data.requested != data.name
        found = f"synthetic: {data.reason}" if stand_in else data.name
        yield Ruling(record.cell, "real_data", "fails" if stand_in else "holds", "real images", found, evidence)


def _limits(course: Course, record: Record) -> Iterator[tuple[str, str, float]]:
    """Each rule that is a limit, with the metric that it is of and the limit in that metric's stored unit."""
    device = "training_peak_gpu_allocator_bytes" if record.device.is_gpu else "training_peak_resident_bytes"
    each: tuple[tuple[str, str, float | None, float], ...] = (
        ("max_params", "trainable_params", course.max_params, 1),
        ("max_epochs", "epochs", course.max_epochs, 1),
        ("max_seconds", "training_and_validation_seconds", course.max_seconds, 1),
        ("max_memory_mib", device, course.max_memory_mib, _MIB),
        ("max_state_mib", "train_state_bytes", course.max_state_mib, _MIB),
        ("min_accuracy", course.accuracy, course.min_accuracy, 1),
    )
    for rule, metric, limit, unit in each:
        if limit is not None:
            yield rule, metric, limit * unit


def _limited(rule: str, name: str, limit: float, record: Record, evidence: str) -> Ruling:
    metric, side = METRICS[name], rule[:3]
    wanted = f"{_SIGNS[side]} {metric.text(limit)} {metric.unit}".rstrip()
    value = metric.read(record)
    if value is None:
        return Ruling(record.cell, rule, "unknown", wanted, metric.why_absent(record) or "not recorded", evidence)
    keeps: Callable[[float, float], bool] = float.__le__ if side == "max" else float.__ge__
    found = f"{metric.title} {metric.show(record)}"
    return Ruling(record.cell, rule, "holds" if keeps(float(value), limit) else "fails", wanted, found, evidence)


def _columns(course: Course, record: Record, evidence: str) -> Ruling:
    lacking = [
        f"no {METRICS[name].title} ({METRICS[name].why_absent(record)})"
        for name in course.columns
        if name in METRICS and METRICS[name].read(record) is None
    ]
    wanted = ", ".join(course.columns)
    return Ruling(
        record.cell, "columns", "fails" if lacking else "holds", wanted, "; ".join(lacking) or "all", evidence
    )
