"""The step times of processes that took turns, freed of what their cycles had in common."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bench.measure.stats import estimate
from bench.results.query import Identity, identity
from bench.results.record import Record
from bench.results.windows import impossible

__all__ = ["DISTURBED", "ProcessTime", "process_times"]

DISTURBED = frozenset({"busy-machine", "foreign-gpu-process", "throttled"})
"""Findings that say that something from outside held a process back."""

_TRIMMED = 0.2
_POOLED = 4
"""The variance of a cell's windows is taken for what the group's are, as much as so many windows more would say it."""

GroupKey = tuple[str, int, int]


@dataclass(frozen=True)
class ProcessTime:
    """One process: the logarithm of its step time, up to what all of its `group` has in common, and the `variance` of
    that logarithm that its windows leave, which took `seconds`. `disturbed`: something from outside held it back."""

    cell: Identity
    group: GroupKey
    log: float
    variance: float
    seconds: float
    disturbed: bool


def process_times(records: Iterable[Record]) -> tuple[ProcessTime, ...]:
    """Those of the processes of `records`, as `bench.results.query.latest` gives these, that took turns with others."""
    groups: dict[GroupKey, list[Record]] = {}
    for record in records:
        for one in record.processes:
            if one.turns is not None and one.turns.cells > 1 and one.ok and one.counted and not impossible(one.windows):
                groups.setdefault((one.turns.run, one.turns.round, one.turns.group), []).append(one)
    return tuple(time for key, group in groups.items() if len(group) > 1 for time in _of_group(key, group))


def _of_group(key: GroupKey, group: Sequence[Record]) -> Iterable[ProcessTime]:
    """Cycle by cycle: the effect of a cycle is the median of what its cells lie above their own medians.

    A process's time is the 20 %-trimmed mean over the cycles, with its variance from the Winsorised one (Tukey &
    McLaughlin, *Sankhyā* A 25, 1963), which is pooled over the group as far as few cycles leave it open.
    """
    cycles = [_cycles(record) for record in group]
    common = sorted(set.intersection(*(set(one) for one in cycles)))
    if not common:
        return ()
    logs = np.log(np.array([[one[cycle] for cycle in common] for one in cycles]))
    apart = logs - np.median(logs, axis=1, keepdims=True)
    rest = np.sort(logs - np.median(apart, axis=0), axis=1)
    count, cells = len(common), len(group)
    cut = int(_TRIMMED * count)
    mean = rest[:, cut : count - cut].mean(axis=1)
    variances = _variances(rest, cut) * cells / (cells - 1)  # the cycles' effects were taken from these very values
    pooled = float(variances.mean())
    # of a single cycle nothing is known: its windows are all that there is
    single = [_of_windows(record) for record in group] if count == 1 else [0.0] * cells
    return [
        ProcessTime(
            cell=identity(record),
            group=key,
            log=float(mean[place]),
            variance=single[place]
            or float((_POOLED * pooled + (count - 1) * variances[place]) / (_POOLED + count - 1)),
            seconds=sum(window.seconds for window in record.counted),
            disturbed=any(finding.code in DISTURBED for finding in record.findings),
        )
        for place, record in enumerate(group)
    ]


def _variances(rest: np.ndarray, cut: int) -> np.ndarray:
    """Of the trimmed means of the rows, which are sorted."""
    count = rest.shape[1]
    if count < 2:
        return np.zeros(len(rest))
    winsorised = np.clip(rest, rest[:, [cut]], rest[:, [count - 1 - cut]])
    found: np.ndarray = winsorised.var(axis=1, ddof=1) / ((1 - 2 * cut / count) ** 2 * count)
    return found


def _cycles(record: Record) -> Mapping[int, float]:
    """Seconds a step of each cycle that counts, by its number."""
    assert record.turns is not None
    length, counted = record.turns.length, record.counted
    gone = {one.cycle for one in record.discarded} if len(counted) < len(record.windows) else set()
    found = {}
    for cycle in range(len(record.windows) // length):
        if cycle not in gone:
            turn = record.windows[cycle * length : (cycle + 1) * length]
            found[cycle] = sum(window.seconds for window in turn) / sum(window.steps for window in turn)
    return found


def _of_windows(record: Record) -> float:
    found = estimate(record.counted)
    return 0.01**2 if found is None else max((found.margin / 2) ** 2, 1e-8) if math.isfinite(found.margin) else 1.0
