"""The handout's table of a class: the median over teams of each published cell, by host."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.analyse.expectation.handout import matches
from bench.host.profile import HostProfile
from bench.instruments.stats import estimate_of
from bench.results.query import when
from bench.results.record import Record

__all__ = ["Cell", "ClassTable", "ClassTime", "class_table", "published_cells"]

Cell = tuple[str, int, int]
"""Network, batch size and trainable parameters of a published cell."""


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


def class_table(cells: Sequence[Cell], teams: Mapping[str, Sequence[Record]]) -> ClassTable:
    """Of `cells`, with each team's newest record of each on each host counting once."""
    newest: dict[tuple[Cell, str, str], Record] = {}
    wanted = set(cells)
    for team, records in teams.items():
        for record in records:
            cell = record.workload.model.network, record.batch_size, int(record.values.get("trainable_params") or 0)
            if cell not in wanted or not matches(record, *cell):  # few records come as far as being looked into
                continue
            key = cell, record.host, team
            if key not in newest or when(record) >= when(newest[key]):
                newest[key] = record
    steps: dict[tuple[Cell, str], list[float]] = {}
    for (cell, host, _), record in newest.items():
        found = estimate_of(record.timed)
        if found is not None:
            steps.setdefault((cell, host), []).append(found.step_seconds * 1e3)
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
