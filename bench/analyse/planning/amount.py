"""An amount of something, with what is known of how far it may be off."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from bench.analyse.stats.ratio import interval
from bench.analyse.stats.samples import Interval

__all__ = ["Amount", "product", "total", "within_share"]


@dataclass(frozen=True)
class Amount:
    """A figure with its 95 % interval `low`..`high`; both None where nothing is known of how far it may be off."""

    value: float
    low: float | None = None
    high: float | None = None

    @classmethod
    def of(cls, found: Interval) -> Amount:
        """The same of a mean, which isn't below 0."""
        return cls(found.value, max(0.0, found.low), found.high)

    def times(self, factor: float) -> Amount:
        """The amount and its interval scaled by `factor`, which is above 0."""
        return Amount(self.value * factor, *(None if end is None else end * factor for end in (self.low, self.high)))

    def plus(self, more: float) -> Amount:
        """The amount with so much more, which is known."""
        return Amount(self.value + more, *(None if end is None else end + more for end in (self.low, self.high)))

    def inverse(self) -> Amount:
        """1 over the amount, which is above 0."""
        low, high = (None if not end else 1 / end for end in (self.high, self.low))
        return Amount(1 / self.value, low, high)


def within_share(value: float, half: float) -> Amount:
    """A value whose logarithm is known to `half` either way."""
    found = interval(value, half)
    return Amount(found.value, found.low, found.high)


def product(one: Amount, other: Amount) -> Amount:
    """The product of two amounts above 0 whose errors have nothing to do with each other; each relative error joined.

    What one of them may be off by is all that is known where the other has no interval.
    """
    value = one.value * other.value
    if one.low is None or one.high is None or other.low is None or other.high is None:
        known = one if one.low is not None else other
        return known.times(value / known.value)
    below = math.hypot(1 - one.low / one.value, 1 - other.low / other.value)
    above = math.hypot(one.high / one.value - 1, other.high / other.value - 1)
    return Amount(value, max(0.0, value * (1 - below)), value * (1 + above))


def total(amounts: Iterable[Amount]) -> Amount:
    """The sum of amounts whose errors have nothing to do with each other; without an interval where one has none."""
    each = tuple(amounts)
    value = math.fsum(one.value for one in each)
    below = [one.value - one.low for one in each if one.low is not None]
    above = [one.high - one.value for one in each if one.high is not None]
    if not each or min(len(below), len(above)) < len(each):
        return Amount(value)
    return Amount(value, value - math.hypot(*below), value + math.hypot(*above))
