"""The step time of a cell over several runs, and one such over another."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass, replace

from bench.analyse.disturbances import held_up
from bench.analyse.stats.ratio import Ratio, interval
from bench.analyse.stats.spread import Spread, quantile
from bench.instruments.stats import Estimate, estimate_of, mean_estimate
from bench.results.record import Record
from bench.results.window import Windows

__all__ = ["Mean", "mean_of", "ratio_of", "runs_of", "shared_half"]

_ASSUMED = 4.0
"""What is assumed of runs' spread weighs as much as so many runs more, where they themselves show a larger one."""


@dataclass(frozen=True)
class Mean:
    """Seconds a step on one side: the mean of its runs (of the logarithms), known to `margin`, a share of it.

    The margin is half of a 95 % interval over the windows alone; what runs and processes differ by isn't in it. `runs`
    are one estimate each and the number of its processes. `disturbed`: something from outside held all of them back.
    """

    step_seconds: float
    margin: float
    runs: tuple[tuple[Estimate, int], ...]
    disturbed: bool = False

    @property
    def processes(self) -> int:
        return sum(processes for _, processes in self.runs)


def mean_of(records: Iterable[Record]) -> Mean | None:
    """The mean over runs of a cell, a record each; those that were disturbed count only where there is no other.

    Within a run likewise, of its processes. Each one's margin is a relative error of its own.
    """
    runs, disturbed = runs_of(records)
    found = mean_estimate([one for one, _ in runs])
    return None if found is None else Mean(found.step_seconds, found.margin, runs, disturbed)


def runs_of(records: Iterable[Record]) -> tuple[tuple[tuple[Estimate, int], ...], bool]:
    """An estimate of each run, with the number of its processes, and was all of it disturbed?"""
    records = list(records)
    quiet = [one for record in records if (one := _run(record, disturbed=False)) is not None]
    runs = quiet or [one for record in records if (one := _run(record, disturbed=True)) is not None]
    return tuple(runs), not quiet


def _run(record: Record, *, disturbed: bool) -> tuple[Estimate, int] | None:
    timed: list[Windows] = [one.counted for one in record.processes if disturbed or not held_up(one)]
    found = estimate_of(timed)
    return None if found is None else (found, len(timed))


def shared_half(before: Mean, after: Mean, spread_before: Spread, spread_after: Spread) -> float:
    """The half-width, of the ratio's logarithm, of what runs and their processes differ by: what the spreads of the
    sides' hosts say, or the runs themselves where that is more."""
    return math.hypot(_half(before, spread_before), _half(after, spread_after))


def _half(mean: Mean, spread: Spread) -> float:
    number = len(mean.runs)
    assumed = statistics.fmean(_variance(processes, spread) for _, processes in mean.runs)
    half = quantile(spread.freedom) * math.sqrt(assumed / number)
    if number < 2:
        return half
    noise = statistics.fmean((one.margin / quantile(math.inf)) ** 2 for one, _ in mean.runs)
    shown = statistics.variance(math.log(one.step_seconds) for one, _ in mean.runs) - noise
    if shown <= assumed:
        return half
    freedom = _ASSUMED + number - 1
    both = (_ASSUMED * assumed + (number - 1) * shown) / freedom
    return max(half, quantile(freedom) * math.sqrt(both / number))


def _variance(processes: int, spread: Spread) -> float:
    """Of a run of so many processes that took turns: these share the run's moment, and only what such processes differ
    by, where that is known apart, is lessened by their number."""
    luck = min(spread.in_turns or 0.0, spread.share) ** 2
    return spread.share**2 - luck + luck / processes


def ratio_of(before: Mean, after: Mean, shared: float, same_within: float) -> Ratio:
    """How many times as fast `after` is: the noise of both sides' windows joined with what processes share. Undecided
    where one of them was disturbed."""
    ratio = interval(before.step_seconds / after.step_seconds, math.hypot(before.margin, after.margin, shared))
    if before.disturbed or after.disturbed:
        return replace(ratio, judged="undecided")
    return ratio.within(same_within)
