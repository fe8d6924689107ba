"""What a few equal trainings say of a figure: means and differences with their 95 % intervals."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from scipy import special

__all__ = ["FEWEST", "Interval", "difference", "mean_interval", "proportion"]

FEWEST = 2
"""Values on each side below which nothing is known of their spread."""


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % interval `low`..`high`."""

    value: float
    low: float
    high: float

    @property
    def side(self) -> Literal["above", "below", "around"]:
        """Where the whole of it lies, seen from 0."""
        return "above" if self.low > 0 else "below" if self.high < 0 else "around"


def mean_interval(values: Sequence[float], step: float = 0.0) -> Interval | None:
    """The mean, by Student's t; None of fewer than two values.

    `step` is what values come in, such as one image of those that an accuracy is over: they aren't known better than
    rounded to it, which has a variance of step²/12, so that seeds which happen to agree leave an interval all the same.
    """
    if len(values) < FEWEST:
        return None
    mean = statistics.fmean(values)
    half = float(special.stdtrit(len(values) - 1, 0.975)) * math.sqrt(_variance(values, step) / len(values))
    return Interval(mean, mean - half, mean + half)


def difference(before: Sequence[float], after: Sequence[float], step: float = 0.0) -> Interval | None:
    """`after` less `before`, of their means; None where either has fewer than two values. For `step` see above.

    The sides may vary unequally: Welch's t, with Satterthwaite's degrees of freedom (Welch, *Biometrika* 34, 1947).
    """
    if min(len(before), len(after)) < FEWEST:
        return None
    value = statistics.fmean(after) - statistics.fmean(before)
    errors = [_variance(side, step) / len(side) for side in (before, after)]
    total = sum(errors)
    if total == 0:
        return Interval(value, value, value)
    freedom = total**2 / sum(error**2 / (len(side) - 1) for error, side in zip(errors, (before, after), strict=True))
    half = float(special.stdtrit(freedom, 0.975)) * math.sqrt(total)
    return Interval(value, value - half, value + half)


def proportion(before: Sequence[float], after: Sequence[float]) -> Interval | None:
    """`after` over `before`, less 1, of their geometric means; None where `difference` is, or where one isn't above 0.

    >>> round(proportion([10.0, 10.2], [20.0, 20.4]).value, 6)
    1.0
    """
    if min((*before, *after), default=0.0) <= 0:
        return None
    found = difference([math.log(value) for value in before], [math.log(value) for value in after])
    if found is None:
        return None
    return Interval(*(math.expm1(min(bound, 50.0)) for bound in (found.value, found.low, found.high)))


def _variance(values: Sequence[float], step: float) -> float:
    return max(statistics.variance(values), step**2 / 12)
