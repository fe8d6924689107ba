"""The statistics of a cell's windows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

__all__ = ["Estimate", "estimate"]


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


def estimate(windows: Sequence[tuple[int, float]]) -> Estimate | None:
    """Seconds a step from `(steps, seconds)` windows; None below two windows, where no interval can be given.

    The figure is total seconds over total steps: rates are never averaged. Its interval is Student's t over the
    windows, weighted by their steps (the ratio estimator's variance, Cochran, *Sampling Techniques*, 3rd ed., 6.4).
    Consecutive windows on a shared machine resemble each other, which makes that interval too narrow, so the number
    of windows is first reduced to the effective one for their lag-1 autocorrelation r, n·(1 − r)/(1 + r), where r
    is positive (Zwiers & von Storch, *J. Climate* 8, 1995).
    """
    n = len(windows)
    if n < 2:
        return None
    steps = np.array([w[0] for w in windows], dtype=float)
    seconds = np.array([w[1] for w in windows], dtype=float)
    mean = float(seconds.sum() / steps.sum())
    residual = seconds - mean * steps
    variance = float((residual**2).sum() / (n - 1)) / steps.mean() ** 2
    effective = _effective_count(residual)
    error = math.sqrt(variance / effective)
    half = float(special.stdtrit(effective - 1, 0.975)) * error
    return Estimate(mean, mean - half, mean + half, n, int(steps.sum()), float(seconds.sum()))


def _effective_count(residual: np.ndarray) -> float:
    n = len(residual)
    power = float((residual**2).sum())
    # below ten windows the autocorrelation is itself mostly noise
    if n < 10 or power == 0:
        return n
    r = float((residual[1:] * residual[:-1]).sum()) / power
    return max(2.0, n * (1 - r) / (1 + r)) if r > 0 else n
