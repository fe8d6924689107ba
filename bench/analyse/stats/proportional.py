"""A time that is proportional to something, told from a few others: a prediction with its interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import special

from bench.system.nvml import Reading

__all__ = ["LEVEL", "Band", "Point", "predict"]

LEVEL: Final = 0.8
"""Share of new times that a prediction's interval should hold."""


_ALIKE: Final = 1e-9
_WIDEST: Final = math.log(1000)


@dataclass(frozen=True)
class Point:
    """A time known, `x` that times go with, and by how much the time may have been rounded, either way."""

    x: float
    seconds: float
    rounding_seconds: float = 0.0


@dataclass(frozen=True)
class Band:
    """Where a time should fall, in seconds, and the time most likely."""

    low: float
    middle: float
    high: float


def predict(x: float, points: Sequence[Point], others: Sequence[Sequence[Point]] = ()) -> Reading[Band]:
    """The time at `x` where times are proportional to x but for a factor of chance, with its `LEVEL` interval.

    In logarithms that is a mean: log(seconds / x) of the `points` has a mean and a scatter s, and the next one lies
    within t·s·√(1 + 1/n + d²/Σ(log x − mean)²) of the mean, with Student's t. The scatter is pooled over the `others`
    too, times of another kind at the same places, since two or three points tell little of it; it is no smaller than
    what rounding alone makes of it. The last term is that of a straight line's slope (Draper & Smith, *Applied
    Regression Analysis*, 3rd ed., 1.4), with d the distance in log x to the nearest point that has been seen: between
    the points proportionality is taken for granted, beyond them it is known only as well as they show it.

    Beyond the points neither end goes the wrong way: a smaller x never has a later high end than the smallest seen,
    nor a larger one an earlier low end. The reason for there being none: fewer than two points, or x so far from them
    that the interval would hold anything.
    """
    if len(points) < 2:
        return Reading(None, "two references at least are wanted, to tell their scatter")
    logs = np.array([math.log(one.x) for one in points])
    constants = np.array([math.log(one.seconds / one.x) for one in points])
    n, middle = len(points), float(constants.mean())
    kinds = [one for one in (points, *others) if len(one) > 1]
    freedom = sum(len(one) - 1 for one in kinds)
    scatter = math.sqrt(sum(_squares(one) for one in kinds) / freedom)
    slope = float(((logs - logs.mean()) ** 2).sum())
    reach = float(special.stdtrit(freedom, (1 + LEVEL) / 2)) * scatter
    least, most = float(logs.min()), float(logs.max())

    def half(at: float) -> float:
        beyond = max(0.0, least - at, at - most)
        return reach * math.sqrt(1 + 1 / n + (beyond**2 / slope if beyond else 0.0))

    at = math.log(x)
    if not least <= at <= most and (slope < _ALIKE or half(at) > _WIDEST):
        return Reading(None, "it is too unlike the references for these to say anything of it")
    low, high = middle + at - half(at), middle + at + half(at)
    if at < least:
        high = min(high, middle + least + half(least))
    elif at > most:
        low = max(low, middle + most - half(most))
    return Reading(Band(math.exp(low), math.exp(middle + at), math.exp(high)))


def _squares(points: Sequence[Point]) -> float:
    """Squared deviations of log(seconds / x) from their mean, or what rounding alone adds up to, if that is more."""
    constants = np.array([math.log(one.seconds / one.x) for one in points])
    # a figure rounded by ±r is off by a uniform error, of variance r²/3
    rounding = float(np.mean([(one.rounding_seconds / one.seconds) ** 2 / 3 for one in points]))
    return max(float(((constants - constants.mean()) ** 2).sum()), rounding * (len(points) - 1))
