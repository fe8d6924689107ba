"""The statistics of a cell's windows."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from bench.results.window_stats import impossible
from bench.support.memo import cached_by_identity

__all__ = ["Estimate", "estimate", "estimate_of", "mean_estimate", "trimmed_means"]


@dataclass(frozen=True)
class Estimate:
    """Seconds a step with the 95 % interval `low`..`high`, from `windows` windows of `steps` steps in `seconds`."""

    step_seconds: float
    low: float
    high: float
    windows: int
    steps: int
    seconds: float

    @property
    def margin(self) -> float:
        """Half the interval's width, as a share of the step's time."""
        return (self.high - self.low) / 2 / self.step_seconds


@cached_by_identity
def estimate_of(processes: Iterable[Sequence[tuple[int, float]]]) -> Estimate | None:
    """The same from the windows of several processes of one cell: the mean of their logarithms, and so each counts
    alike, however many windows it had. None where no process gives one.

    The interval is of what windows vary by. That processes differ beyond it is for whoever sets the cell beside
    another to allow for.
    """
    return mean_estimate([one for windows in processes if (one := estimate(windows)) is not None])


def mean_estimate(found: Sequence[Estimate]) -> Estimate | None:
    """The mean of the logarithms, with the errors of all joined; None of none."""
    if len(found) < 2:
        return found[0] if found else None
    mean = math.exp(statistics.fmean(math.log(one.step_seconds) for one in found))
    half = mean * math.hypot(*(one.margin for one in found)) / len(found)
    counts = (sum(one.windows for one in found), sum(one.steps for one in found), sum(one.seconds for one in found))
    return Estimate(mean, mean - half, mean + half, *counts)


@cached_by_identity
def estimate(windows: Sequence[tuple[int, float]]) -> Estimate | None:
    """Seconds a step from `(steps, seconds)` windows.

    None below two windows, where no interval can be given, and where one is `impossible`.

    The figure is total seconds over total steps: rates are never averaged. Its interval is Student's t over the
    windows, weighted by their steps (the ratio estimator's variance, Cochran, *Sampling Techniques*, 3rd ed., 6.4).
    Consecutive windows on a shared machine resemble each other, which makes that interval too narrow, so the number
    of windows is first reduced to the effective one for their lag-1 autocorrelation r, n·(1 − r)/(1 + r), where r
    is positive (Zwiers & von Storch, *J. Climate* 8, 1995).
    """
    n = len(windows)
    if n < 2 or impossible(windows):
        return None
    steps, seconds = sum([one[0] for one in windows]), sum([one[1] for one in windows])
    mean = seconds / steps
    residual = np.array([one[1] - mean * one[0] for one in windows])
    power = float(residual @ residual)
    effective = _effective_count(residual, power)
    error = math.sqrt(power / (n - 1) / effective) / (steps / n)
    half = float(special.stdtrit(effective - 1, 0.975)) * error
    return Estimate(mean, mean - half, mean + half, n, steps, seconds)


def _effective_count(residual: np.ndarray, power: float) -> float:
    n = len(residual)
    # below ten windows the autocorrelation is itself mostly noise
    if n < 10 or power == 0:
        return n
    r = float(residual[1:] @ residual[:-1]) / power
    return max(2.0, n * (1 - r) / (1 + r)) if r > 0 else n


_TRIMMED = 0.2
"""Share left out at either end: on a shared machine a few windows are disturbed out of all proportion."""


def trimmed_means(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The 20 %-trimmed mean of each of the `rows` (rows, values), and its standard error, from the Winsorised variance
    (Tukey & McLaughlin, *Sankhyā* A 25, 1963): infinite where there is a single value."""
    count = rows.shape[1]
    rows = np.sort(rows, axis=1)
    cut = int(_TRIMMED * count)
    means: np.ndarray = rows[:, cut : count - cut].mean(axis=1)
    if count < 2:
        return means, np.full(len(rows), math.inf)
    winsorised = np.clip(rows, rows[:, [cut]], rows[:, [count - 1 - cut]])
    errors: np.ndarray = winsorised.std(axis=1, ddof=1) / ((1 - 2 * cut / count) * math.sqrt(count))
    return means, errors
