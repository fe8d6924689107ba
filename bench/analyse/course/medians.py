"""The handout's table of a class: the median over teams of each published cell, by host."""

from __future__ import annotations

import statistics
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.analyse.expectation.handout import matches
from bench.host.profile import HostProfile
from bench.instruments.stats import estimate_of
from bench.results.query import when
from bench.results.record import Record

__all__ = ["Cell", "ClassTable", "ClassTime", "TeamTimes", "class_table", "published_cells", "team_times"]

Cell = tuple[str, int, int]
"""Network, batch size and trainable parameters of a published cell."""
TeamTimes = Mapping[tuple[Cell, str], float]
"""Of one team, by cell and host."""


@dataclass(frozen=True)
class ClassTime:
    """Milliseconds a step, the median over `teams` teams; `low`..`high` is the middle half of them, or, of fewer than
    four, all."""

    step_ms: float
    low: float
    high: float
    teams: int


@dataclass(frozen=True)
class ClassTable:
    """A row for each published cell, a column for each host that any team measured one on."""

    cells: tuple[Cell, ...]
    hosts: tuple[str, ...]
    times: Mapping[tuple[Cell, str], ClassTime]


def published_cells(profiles: Iterable[HostProfile]) -> tuple[Cell, ...]:
    """Those that any host publishes a time of the notebook's variant for."""
    times = (time for one in profiles if one.published for time in one.published.times if time.variant == "notebook")
    return tuple(dict.fromkeys((time.model, time.batch_size, time.trainable_params) for time in times))


def team_times(cells: Collection[Cell], records: Iterable[Record]) -> TeamTimes:
    """Milliseconds a step of each of `cells`, by cell and host: a team's newest record of each counts."""
    newest: dict[tuple[Cell, str], Record] = {}
    wanted = set(cells)
    for record in records:
        cell = record.workload.model.network, record.batch_size, int(record.values.get("trainable_params") or 0)
        if cell not in wanted or not matches(record, *cell):  # few records come as far as being looked into
            continue
        key = cell, record.host
        if key not in newest or when(record) >= when(newest[key]):
            newest[key] = record
    found = ((key, estimate_of(record.timed)) for key, record in newest.items())
    return {key: one.step_seconds * 1e3 for key, one in found if one is not None}


def class_table(cells: Sequence[Cell], teams: Iterable[TeamTimes]) -> ClassTable:
    """Of `cells`, the median over teams on each host."""
    steps: dict[tuple[Cell, str], list[float]] = {}
    for times in teams:
        for key, step_ms in times.items():
            steps.setdefault(key, []).append(step_ms)
    hosts = tuple(sorted({host for _, host in steps}))
    return ClassTable(
        tuple(cell for cell in cells if any((cell, host) in steps for host in hosts)),
        hosts,
        {key: _middle(values) for key, values in steps.items()},
    )


_FEWEST = 4


def _middle(values: Sequence[float]) -> ClassTime:
    low, high = min(values), max(values)
    if len(values) >= _FEWEST:
        low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return ClassTime(statistics.median(values), low, high, len(values))
