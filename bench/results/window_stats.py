"""What windows come to, and those that no clock gives."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence

from bench.support.memo import cached_by_identity

__all__ = ["impossible", "mean_step_seconds", "step_seconds", "step_times", "totals"]

_LEAST_SECONDS, _MOST_SECONDS = 1e-9, 1e9
_MOST_STEPS = 10**12


@cached_by_identity
def impossible(windows: Sequence[tuple[int, float]]) -> str | None:
    """What is impossible about `(steps, seconds)` windows, in words; None where all is well.

    A figure of such windows would be infinite, negative or no number. Files that were edited or merged by hand hold
    them; numbers that are not finite don't get as far, as lines that hold these count as damaged.

    >>> impossible([(5, 0.1), (5, 0.0)])
    'a window of 0 s'
    """
    for steps, seconds in windows:
        if not _LEAST_SECONDS <= seconds <= _MOST_SECONDS:
            return f"a window of {seconds:g} s"
        if not 1 <= steps <= _MOST_STEPS:
            return f"a window of {steps} steps" if abs(steps) <= _MOST_STEPS else "a window of countless steps"
    return None


@cached_by_identity
def totals(windows: Sequence[tuple[int, float]]) -> tuple[int, float] | None:
    """All steps and all seconds of the windows; None where there are none, or impossible ones."""
    if not windows or impossible(windows):
        return None
    return sum([steps for steps, _ in windows]), sum([seconds for _, seconds in windows])


def step_seconds(windows: Sequence[tuple[int, float]]) -> float | None:
    """Seconds a step: all seconds over all steps, for rates are never averaged; None where there are no `totals`."""
    found = totals(windows)
    return found[1] / found[0] if found else None


def mean_step_seconds(processes: Iterable[Sequence[tuple[int, float]]]) -> float | None:
    """Seconds a step of a cell, from the windows of each of its processes: the mean of the processes' logarithms, so
    that each counts alike. None where none has any."""
    found = [seconds for windows in processes if (seconds := step_seconds(windows)) is not None]
    if len(found) < 2:
        return found[0] if found else None
    return math.exp(statistics.fmean(map(math.log, found)))


@cached_by_identity
def step_times(windows: Sequence[tuple[int, float]]) -> tuple[float, ...]:
    """Seconds a step of each window; the windows are possible ones."""
    return tuple([seconds / steps for steps, seconds in windows])
