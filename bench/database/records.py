"""The views of records, of their windows and of their epochs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC
from typing import Any, NamedTuple, get_args

from bench.database.column import Column, View
from bench.results.metric import Metric
from bench.results.metrics import METRICS
from bench.results.query import when
from bench.results.record import Epoch, Record
from bench.results.recorded_setup import RecordedOptions
from bench.results.window import Window

__all__ = [
    "EPOCHS",
    "KEY",
    "RECORDS",
    "STARTED",
    "WINDOWS",
    "EpochOf",
    "Stored",
    "WindowOf",
    "epochs_of",
    "metric_unit",
    "windows_of",
]


class Stored(NamedTuple):
    """A record, its number in the database, and the file and line that it lies in."""

    record: int
    file: str
    line: int
    found: Record


class WindowOf(NamedTuple):
    """A window of a record, the place that it has in it, the cycle of turns that it is of, and whether it counts."""

    stored: Stored
    place: int
    window: Window
    cycle: int | None
    counts: bool


class EpochOf(NamedTuple):
    """An epoch of a record."""

    stored: Stored
    epoch: Epoch


def windows_of(stored: Stored) -> Iterator[WindowOf]:
    """The windows of a record."""
    record = stored.found
    turns, gone = record.turns, record.left_out
    for place, window in enumerate(record.windows):
        cycle = place // turns.length if turns is not None else None
        yield WindowOf(stored, place, window, cycle, (place if cycle is None else cycle) not in gone)


def epochs_of(stored: Stored) -> Iterator[EpochOf]:
    """The epochs of a record."""
    return (EpochOf(stored, epoch) for epoch in stored.found.history)


def metric_unit(metric: Metric) -> str:
    """What a metric's stored values are in; empty where they are counts and such."""
    return metric.stored_unit or {"%": "share, 0 to 1", "points": "share, −1 to 1"}.get(
        metric.unit, metric.unit if metric.scale == 1 else ""
    )


def _field(name: str) -> Callable[[Stored], Any]:
    return lambda stored: getattr(stored.found, name)


def _plain(name: str, type: str, about: str) -> Column[Stored]:  # noqa: A002 - DuckDB's word
    return Column(name, type, about, _field(name))


def _of_turns(name: str) -> Callable[[Stored], Any]:
    return lambda stored: getattr(stored.found.turns, name, None)


def started(stored: Stored) -> str:
    """When a record's cell was started, as DuckDB reads it."""
    return when(stored.found).astimezone(UTC).replace(tzinfo=None).isoformat(" ")


_RECORD = "number of the record, the same in records, windows and epochs"

KEY: tuple[Column[Stored], ...] = (
    _plain("host", "VARCHAR", "id of the machine"),
    _plain("team", "VARCHAR", "whose it is; null: its tree had no owner"),
    _plain("suite", "VARCHAR", "name of the suite"),
    _plain("cell", "VARCHAR", "id of the cell: model, variant, batch size, and its seed where there are several"),
    _plain("model", "VARCHAR", "name of the model in the suite"),
    _plain("variant", "VARCHAR", "name of the variant"),
    _plain("batch_size", "BIGINT", "examples in a batch"),
    _plain("seed", "UBIGINT", "seed of the cell"),
)
"""What names a record's cell: the views of its windows and epochs have it too."""


STARTED: Column[Stored] = Column("started", "TIMESTAMP", "when the cell was started, in UTC", started)


def _failure(name: str) -> Callable[[Stored], Any]:
    return lambda stored: getattr(stored.found.failure, name, None)


def _data(name: str) -> Callable[[Stored], Any]:
    return lambda stored: getattr(stored.found.data, name, None)


def _option_type(name: str) -> str:
    if name == "env":
        return "MAP(VARCHAR, VARCHAR)"
    annotation = RecordedOptions.model_fields[name].annotation
    kinds = set(_flat(annotation)) & {bool, int, str}
    return {frozenset({bool}): "BOOLEAN", frozenset({int}): "BIGINT"}.get(frozenset(kinds), "VARCHAR")


def _flat(annotation: Any) -> Iterator[Any]:
    yield annotation
    for inner in get_args(annotation):
        yield from _flat(inner)


_OPTIONS = {name: _option_type(name) for name in RecordedOptions.model_fields}


def _options(stored: Stored) -> dict[str, Any]:
    given = stored.found.options
    found = {name: getattr(given, name) for name in _OPTIONS}
    return {name: str(one) if one is not None and _OPTIONS[name] == "VARCHAR" else one for name, one in found.items()}


_WHAT: tuple[Column[Stored], ...] = (
    Column("file", "VARCHAR", "its file, under results/", lambda one: one.file),
    Column("line", "INTEGER", "its line there, from 1", lambda one: one.line),
    STARTED,
    _plain("status", "VARCHAR", "how the cell ended: ok, skipped, failed, out_of_memory, timed_out, crashed"),
    Column("failure_stage", "VARCHAR", "where it failed", _failure("stage")),
    Column("failure_message", "VARCHAR", "why it failed", _failure("message")),
    _plain("baseline", "BOOLEAN", "is it of the suite's baseline variant?"),
    _plain("executor", "VARCHAR", "local and ray; figures of the others don't count"),
    Column("run", "VARCHAR", "the run whose processes took turns; null: it was measured by itself", _of_turns("run")),
    Column("round", "BIGINT", "the round of that run", _of_turns("round")),
    _plain("stopped_by", "VARCHAR", "what ended its windows: precision or budget"),
    _plain("fingerprint", "VARCHAR", "equal ones may be compared in time"),
    _plain("accuracy_fingerprint", "VARCHAR", "equal ones may be compared in accuracy"),
    Column("network", "VARCHAR", "what the model is", lambda one: one.found.workload.model.network),
    Column("device", "VARCHAR", "what computed: gpu or cpu", lambda one: one.found.device.kind),
    Column("device_name", "VARCHAR", "its name", lambda one: one.found.device.gpu_name or one.found.device.name),
    Column("data", "VARCHAR", "name of the data", _data("name")),
    Column("synthetic", "BOOLEAN", "was the data made up? Its accuracy then means nothing", _data("synthetic")),
    Column("unit", "VARCHAR", "what images_per_second counts", _data("unit")),
    Column("window_count", "BIGINT", "number of its windows", lambda one: len(one.found.windows)),
    Column(
        "findings", "VARCHAR[]", "codes of what was found", lambda one: [finding.code for finding in one.found.findings]
    ),
    Column(
        "software", "MAP(VARCHAR, VARCHAR)", "versions by package: software['keras']", lambda one: one.found.software
    ),
    Column(
        "options",
        f"STRUCT({', '.join(f'{name} {form}' for name, form in _OPTIONS.items())})",
        "options of the variant: options.xla",
        _options,
    ),
)


def _metric(metric: Metric) -> Column[Stored]:
    return Column(
        metric.name,
        "DOUBLE",
        f"{metric.title}: {metric.legend}",
        lambda one: metric.read(one.found),
        metric_unit(metric),
    )


RECORDS: View[Stored] = View(
    "records",
    "a record: one process of a cell. Several of one run are one measurement of their cell, and its step time is the "
    "geometric mean of theirs",
    (
        Column("record", "BIGINT", _RECORD, lambda one: one.record),
        *KEY,
        *_WHAT,
        *map(_metric, METRICS.values()),
    ),
)

WINDOWS: View[WindowOf] = View(
    "windows",
    "a window: consecutive steps timed together",
    (
        Column("record", "BIGINT", _RECORD, lambda of: of.stored.record),
        Column("place", "INTEGER", "its place among the record's windows, from 0", lambda of: of.place),
        Column(
            "cycle", "INTEGER", "the cycle of turns that it is of, from 0; null: none were taken", lambda of: of.cycle
        ),
        Column(
            "counts", "BOOLEAN", "are figures computed from it? Disturbed cycles are left out", lambda of: of.counts
        ),
        Column("steps", "BIGINT", "steps in it", lambda of: of.window.steps),
        Column("seconds", "DOUBLE", "what they took together", lambda of: of.window.seconds, "s"),
    ),
)


def _epoch(name: str, type: str, about: str, unit: str = "") -> Column[EpochOf]:  # noqa: A002
    return Column(name, type, about, lambda of: getattr(of.epoch, name), unit)


EPOCHS: View[EpochOf] = View(
    "epochs",
    "an epoch of a cell that was trained",
    (
        Column("record", "BIGINT", _RECORD, lambda of: of.stored.record),
        _epoch("epoch", "INTEGER", "its number, from 1"),
        _epoch("phase", "VARCHAR", "the phase of training that it is of; empty where there is one alone"),
        _epoch("steps", "BIGINT", "steps in it"),
        _epoch("seconds", "DOUBLE", "what it took, without validation", "s"),
        _epoch("val_seconds", "DOUBLE", "what validation took", "s"),
        _epoch("learning_rate", "DOUBLE", "the learning rate at its end"),
        _epoch("loss", "DOUBLE", "loss, as Keras reports it"),
        _epoch("accuracy", "DOUBLE", "training accuracy, as Keras reports it", "share, 0 to 1"),
        _epoch("val_loss", "DOUBLE", "loss on held-out images"),
        _epoch("val_accuracy", "DOUBLE", "accuracy on held-out images", "share, 0 to 1"),
        _epoch("test_loss", "DOUBLE", "loss on test images, where the suite asked for it"),
        _epoch("test_accuracy", "DOUBLE", "accuracy on test images, where the suite asked for it", "share, 0 to 1"),
        _epoch("energy_joules", "DOUBLE", "what the GPU took, validation included", "J"),
    ),
)
