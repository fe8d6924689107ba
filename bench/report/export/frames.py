"""Records as tidy frames: a row a record, a window or an epoch."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from bench.analyse.findings.registry import judge
from bench.analyse.speedup.baseline import baselines
from bench.analyse.speedup.standings import Standing, Standings
from bench.analyse.stats.ratio import Ratio
from bench.analyse.stats.spread import spread_of, spreads
from bench.host.profile import HostProfile
from bench.instruments.stats import estimate_of
from bench.report.export.frame import Column, Frame, Kind, framed, of_metric
from bench.results.metrics import METRICS
from bench.results.query import identity
from bench.results.record import Epoch, Record

__all__ = ["ROWS", "Rows", "frame_of"]

Rows = Literal["records", "windows", "epochs"]
ROWS: tuple[Rows, ...] = ("records", "windows", "epochs")

_NAMES = (
    *map(Column, ("host", "suite", "cell", "model", "variant")),
    Column("batch_size", "integer", legend="examples in a batch"),
    Column("seed", "integer"),
    Column("executor"),
    Column("started", "moment", legend="UTC"),
)
_RATIO = "step time of the suite's baseline over the cell's"
_OF_RECORDS = (
    Column("status"),
    Column("failure", legend="why it didn't end well"),
    Column("baseline", "flag", legend="is this what speed-ups are over?"),
    Column("step_seconds_low", "number", "s", "lower end of step_seconds' 95 % interval"),
    Column("step_seconds_high", "number", "s", "upper end of step_seconds' 95 % interval"),
    Column("speedup", "number", "1", _RATIO, "higher"),
    Column("speedup_low", "number", "1", "lower end of speedup's 95 % interval"),
    Column("speedup_high", "number", "1", "upper end of speedup's 95 % interval"),
    Column("speedup_verdict", legend="faster, slower, same or undecided"),
    Column("processes", "integer", legend="processes that the cell was measured in"),
    Column("windows", "integer", legend="windows that figures are computed from"),
    Column("images_per_second_unit", legend="what images_per_second counts"),
    Column("findings", legend="codes of what was found, with spaces between"),
    Column("fingerprint", legend="equal ones may be compared in time"),
)
_OF_WINDOWS = (
    Column("process", "integer", legend="of the cell in that run, from 1"),
    Column("window", "integer", legend="of the process in the order measured, from 1"),
    Column("steps", "integer"),
    Column("seconds", "number", "s", "of all steps of the window"),
    Column("step_seconds", "number", "s", "seconds over steps", "lower"),
    Column("counted", "flag", legend="do figures take it in? those of discarded cycles are left out"),
)
_EPOCH_UNITS = {"seconds": "s", "val_seconds": "s", "energy_joules": "J"}
_EPOCH_TEXT = ("phase",)
_EPOCH_COUNTS = ("epoch", "steps")


def frame_of(rows: Rows, records: Sequence[Record], profiles: Sequence[HostProfile]) -> Frame:
    """The frame of `records`, the newest of each cell, with a row for each of what `rows` says."""
    if rows == "windows":
        return framed((*_NAMES, *_OF_WINDOWS), _windows(records))
    if rows == "epochs":
        return framed((*_NAMES, *map(_of_epoch, Epoch.model_fields)), _epochs(records))
    return _records(records, profiles)


def _name(record: Record) -> tuple[Any, ...]:
    return tuple(getattr(record, column.name) for column in _NAMES)


def _records(records: Sequence[Record], profiles: Sequence[HostProfile]) -> Frame:
    by_id = {profile.id: profile for profile in profiles}
    standing = Standings(records, spreads(profiles)).to_baselines()
    over = {identity(record) for record in baselines(records).values()}
    options = _options(records)

    def row(record: Record) -> tuple[Any, ...]:
        found = estimate_of(record.timed)
        return (
            *_name(record),
            record.status,
            record.failure and record.failure.message,
            identity(record) in over,
            found and found.low,
            found and found.high,
            *_speedup(standing.get(identity(record))),
            len(record.processes),
            sum(map(len, record.timed)),
            METRICS["images_per_second"].unit_for(record),
            " ".join(finding.code for finding in judge(record, spread_of(by_id.get(record.host)))),
            record.fingerprint,
            *(metric.read(record) for metric in METRICS.values()),
            *(_option(record.options.complete.get(name), column) for name, column in options.items()),
        )

    columns = (*_NAMES, *_OF_RECORDS, *map(of_metric, METRICS.values()), *options.values())
    return framed(columns, map(row, records))


def _speedup(standing: Standing | None) -> tuple[Any, ...]:
    ratio = standing.ratio if standing is not None else None
    if not isinstance(ratio, Ratio):
        return (None,) * 4
    return ratio.value, ratio.low, ratio.high, ratio.verdict


def _options(records: Sequence[Record]) -> Mapping[str, Column]:
    """A column for each option that any of the records has, of the kind that all values are of; else text."""
    kinds: dict[str, set[type]] = {}
    for record in records:
        for name, value in record.options.complete.items():
            kinds.setdefault(name, set()).update({type(value)} - {type(None)})
    known: dict[type, Kind] = {bool: "flag", int: "integer"}
    return {
        name: Column(f"option_{name}", known.get(next(iter(found)), "text") if len(found) == 1 else "text")
        for name, found in kinds.items()
    }


def _option(value: Any, column: Column) -> Any:
    if value is None or column.kind != "text" or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _windows(records: Sequence[Record]) -> Iterator[tuple[Any, ...]]:
    for record in records:
        name = _name(record)
        for number, process in enumerate(record.processes, 1):
            length = process.turns.length if process.turns is not None else 1
            for place, window in enumerate(process.windows):
                counted = place // length not in process.left_out
                step = window.step_seconds if window.steps else None
                yield (*name, number, place + 1, window.steps, window.seconds, step, counted)


def _epochs(records: Sequence[Record]) -> Iterator[tuple[Any, ...]]:
    for record in records:
        for epoch in record.history:
            yield (*_name(record), *(getattr(epoch, name) for name in Epoch.model_fields))


def _of_epoch(name: str) -> Column:
    kind: Kind = "text" if name in _EPOCH_TEXT else "integer" if name in _EPOCH_COUNTS else "number"
    unit = "1" if name.endswith("accuracy") else _EPOCH_UNITS.get(name, "")
    better: Literal["lower", "higher"] | None = None
    if kind == "number" and name != "learning_rate":
        better = "higher" if name.endswith("accuracy") else "lower"
    return Column(name, kind, unit, better=better)
