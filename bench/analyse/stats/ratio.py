"""How many times as fast one thing is as another, with its interval and an answer in words."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from bench.analyse.stats.spread import Spread
from bench.instruments.stats import Estimate

__all__ = ["Ratio", "Refusal", "Verdict", "interval", "ratio"]

_WIDEST = 50.0
"""Where an interval's half-width on the logarithm ends: e^50 either way says as little as infinity, and is finite."""

_OF_90 = 0.8392
"""Half a 90 % interval's width over that of 95 %, for normal errors; it is less where these are known from few values.
"""

Side = Literal["faster", "slower", "not distinguishable"]
Verdict = Literal["faster", "slower", "same", "undecided"]


@dataclass(frozen=True)
class Ratio:
    """How many times as fast as its baseline something is, with the 95 % interval `low`..`high`.

    `judged` is what a rule says that looks at more than this one interval.
    """

    value: float
    low: float
    high: float
    judged: Verdict | None = None

    @property
    def verdict(self) -> Verdict:
        """What was `judged`; else the `side`, and `undecided` where the interval holds 1."""
        if self.judged is not None:
            return self.judged
        return "undecided" if self.side == "not distinguishable" else self.side

    @property
    def side(self) -> Side:
        """Where the interval by itself lies: `not distinguishable` where it holds 1."""
        return "faster" if self.low > 1 else "slower" if self.high < 1 else "not distinguishable"

    def within(self, band: float) -> Ratio:
        """The ratio judged by its own interval alone: `same` where two one-sided tests at 5 % say that it lies within
        `band` of 1, even where the interval excludes 1; else the `verdict`."""
        reach = abs(math.log(self.value)) + _OF_90 * math.log(self.high / self.low) / 2
        return replace(self, judged="same" if reach <= math.log1p(band) else self.verdict)

    @property
    def margin(self) -> float:
        """Half the interval's width, as a share of the value."""
        return (self.high - self.low) / 2 / self.value

    @property
    def inverse(self) -> Ratio:
        """How many times as fast the baseline is."""
        turned: dict[Verdict, Verdict] = {"faster": "slower", "slower": "faster"}
        judged = self.judged and turned.get(self.judged, self.judged)
        return Ratio(1 / self.value, 1 / self.high, 1 / self.low, judged)

    def times(self, factor: float) -> Ratio:
        """The ratio and its interval scaled."""
        return Ratio(self.value * factor, self.low * factor, self.high * factor)


@dataclass(frozen=True)
class Refusal:
    """Two records that may not be set side by side, and why."""

    reasons: tuple[str, ...]

    def __str__(self) -> str:
        return "; ".join(self.reasons)


def ratio(before: Estimate, after: Estimate, spread: Spread) -> Ratio:
    """`before / after`: above 1 where `after` takes less time. Each is one process of a host with this `spread`.

    The logarithm of a ratio of independent means has, to first order, the sum of their squared relative errors as its
    variance (delta method). Each relative half-width here already holds Student's t for its own number of windows, and
    joining these (Zou & Donner, *Statistics in Medicine* 27, 2008) keeps the interval honest when windows are few.
    """
    return interval(
        before.step_seconds / after.step_seconds, math.hypot(before.margin, after.margin, spread.half_width())
    )


def interval(value: float, half: float) -> Ratio:
    """A ratio whose logarithm is known to `half` either way."""
    factor = math.exp(min(half, _WIDEST))
    return Ratio(value, value / factor, value * factor)
