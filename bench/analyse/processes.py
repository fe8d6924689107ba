"""The step time of a cell over several processes, and one such over another."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from bench.analyse.compare import Ratio, interval
from bench.analyse.spread import Spread
from bench.measure.stats import estimate, estimate_of
from bench.results.record import Record

__all__ = ["Mean", "mean_of", "ratio_of", "shared_half"]


@dataclass(frozen=True)
class Mean:
    """Seconds a step on one side: the mean of its processes (of the logarithms), known to `margin`, a share of it.

    The margin is half of a 95 % interval over the windows alone; what processes differ by isn't in it.
    """

    step_seconds: float
    margin: float
    processes: int


def mean_of(records: Iterable[Record]) -> Mean | None:
    """The mean of the logarithms over processes; each one's margin is a relative error of its own."""
    timed = [record.windows for record in records if estimate(record.windows) is not None]
    found = estimate_of(timed)
    return None if found is None else Mean(found.step_seconds, found.margin, len(timed))


def shared_half(before: Mean, after: Mean, spread_before: Spread, spread_after: Spread) -> float:
    """The half-width, of the ratio's logarithm, that the spreads of the sides' hosts between processes alone give."""
    return math.hypot(
        spread_before.half_width(before=before.processes, after=math.inf),
        spread_after.half_width(before=after.processes, after=math.inf),
    )


def ratio_of(before: Mean, after: Mean, shared: float) -> Ratio:
    """How many times as fast `after` is: the noise of both sides' windows joined with what processes share."""
    return interval(before.step_seconds / after.step_seconds, math.hypot(before.margin, after.margin, shared))
