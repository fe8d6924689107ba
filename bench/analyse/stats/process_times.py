"""The step times of processes that took turns, freed of what their cycles had in common."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bench.analyse.disturbances import held_up
from bench.instruments.stats import estimate, trimmed_means
from bench.results.query import Identity, identity
from bench.results.record import Record
from bench.results.window_stats import impossible

__all__ = ["ProcessTime", "process_times", "turn_times"]

_POOLED = 4
"""The variance of a cell's windows is taken for what the group's are, as much as so many windows more would say it."""
_UNKNOWN = 0.01**2
"""The variance of a time that is of one window."""
_LEAST, _MOST = 1e-8, 1.0

GroupKey = tuple[str, int, int]


@dataclass(frozen=True)
class ProcessTime:
    """One process: the logarithm of its time for one of the suite's batches, up to what all of its `group` has in
    common, and the `variance` of that logarithm that its windows leave, which took `seconds`. `disturbed`: something
    from outside held it back."""

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

    A process's time is the trimmed mean over the cycles; its variance is pooled over the group as far as few cycles
    leave it open.
    """
    cycles = [_cycles(record) for record in group]
    common = sorted(set.intersection(*(set(one) for one in cycles)))
    if not common:
        return ()
    means, variances = turn_times(np.log(np.array([[one[cycle] for cycle in common] for one in cycles])))
    if len(common) == 1:  # of a single cycle nothing is known: its windows are all that there is
        variances = np.array([_of_windows(record) for record in group])
    return [
        ProcessTime(
            cell=identity(record),
            group=key,
            log=float(mean) - math.log(record.options.batches_per_step),
            variance=float(variance),
            seconds=sum(window.seconds for window in record.counted),
            disturbed=held_up(record),
        )
        for record, mean, variance in zip(group, means, variances, strict=True)
    ]


def turn_times(logs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of processes that took turns the logarithms of their times, freed of what each cycle had in common, and the
    variances of these, from `logs` [processes, cycles] of several; of one cycle the variances are no numbers."""
    count, cycles = logs.shape
    apart = logs - np.median(logs, axis=1, keepdims=True)
    means, errors = trimmed_means(logs - np.median(apart, axis=0))
    if cycles == 1:
        return means, np.full(count, math.nan)
    own = errors**2 * count / (count - 1)  # the cycles' effects were taken from these very values
    return means, (_POOLED * own.mean() + (cycles - 1) * own) / (_POOLED + cycles - 1)


def _cycles(record: Record) -> Mapping[int, float]:
    """Seconds a step of each cycle that counts, by its number."""
    assert record.turns is not None
    length, found = record.turns.length, {}
    for cycle in range(len(record.windows) // length):
        if cycle not in record.left_out:
            turn = record.windows[cycle * length : (cycle + 1) * length]
            found[cycle] = sum(window.seconds for window in turn) / sum(window.steps for window in turn)
    return found


def _of_windows(record: Record) -> float:
    found = estimate(record.counted)
    if found is None:
        return _UNKNOWN
    return min(max((found.margin / 2) ** 2, _LEAST), _MOST)
