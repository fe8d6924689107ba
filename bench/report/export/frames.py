"""Records as tidy frames: a row a record, a window or an epoch."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from bench.analyse.findings.registry import judge
from bench.analyse.speedup.baseline import baselines
from bench.analyse.speedup.standings import Standing, Standings
from bench.analyse.stats.ratio import Ratio
from bench.analyse.stats.spread import spread_of, spreads
from bench.database.rows import rows_of, view_of
from bench.host.profile import HostProfile
from bench.instruments.stats import estimate_of
from bench.report.export.frame import Column, Frame, Kind, framed, of_metric
from bench.results.metrics import METRICS
from bench.results.query import identity
from bench.results.record import Record

__all__ = ["ROWS", "Rows", "frame_of"]

Rows = Literal["records", "windows", "epochs"]
ROWS: tuple[Rows, ...] = ("records", "windows", "epochs")

_NAMES = (
    *map(Column, ("host", "team", "suite", "cell", "model", "variant")),
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
_PROCESS = Column("process", "integer", legend="of the cell in that run, from 0")
_KINDS: Mapping[str, Kind] = {
    "VARCHAR": "text",
    "INTEGER": "integer",
    "BIGINT": "integer",
    "DOUBLE": "number",
    "BOOLEAN": "flag",
}


def frame_of(rows: Rows, records: Sequence[Record], profiles: Sequence[HostProfile]) -> Frame:
    """The frame of `records`, the newest of each cell, with a row for each of what `rows` says."""
    return _records(records, profiles) if rows == "records" else _of_view(rows, records)


def _of_view(rows: Literal["windows", "epochs"], records: Sequence[Record]) -> Frame:
    """A row for each window or epoch, with the columns that the view of that name has in SQL."""
    shown, several = view_of(rows).columns[1:], rows == "windows"
    named = (*_NAMES, *([_PROCESS] if several else []))
    columns = [Column(one.name, _KINDS[one.type], one.unit.replace("share, 0 to 1", "1"), one.about) for one in shown]
    found = (
        (*_name(row.record), *([row.process] if several else []), *(one.read(row.of) for one in shown))
        for row in rows_of(rows, records)
    )
    return framed((*named, *columns), found)


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
