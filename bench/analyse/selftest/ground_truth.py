"""Cells of known step time: what they should have taken, and how far the measurement was off."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bench.instruments.stats import Estimate, estimate
from bench.results.record import Window

__all__ = ["REFERENCE", "TOLERANCE", "Checked", "Known", "check"]

TOLERANCE = 0.01
"""The largest relative error of a fit instrument."""

REFERENCE = "half a step"
"""The cell that tells what the framework costs beside a wait."""


@dataclass(frozen=True)
class Known:
    """A cell of known step time, as it was measured, and as its own steps wrote it down.

    `step` and `data` are what its training and its pipeline waited in a step: the mean of what each wait really took,
    in seconds, since no operating system wakes a process at the very moment that was asked for. `period` is the mean
    time from one step's wait to the next one's, over the steps of the windows. `prefetched`: the data's wait goes on
    during the step's.
    """

    name: str
    step: float
    data: float
    prefetched: bool
    period: float
    windows: tuple[Window, ...]

    @property
    def waits(self) -> float:
        """What a step waits by construction: both, or where they overlap the longer."""
        return max(self.step, self.data) if self.prefetched else self.step + self.data


@dataclass(frozen=True)
class Checked:
    """Seconds a step by construction (`expected`), by the steps' own account (`own`), and as `measured`.

    `waits` of the expected ones are waited; the rest is what the framework costs beside. `margin` is what noise leaves
    open of the error, at 95 %: of the measurement, and of the framework's cost.
    """

    name: str
    waits: float
    expected: float
    own: float
    measured: float
    margin: float

    @property
    def error(self) -> float:
        """Relative error against the construction, signed."""
        return self.measured / self.expected - 1

    @property
    def clock_error(self) -> float:
        """Relative error against the steps' own account, signed: of the clock alone, whatever disturbed the steps."""
        return self.measured / self.own - 1

    @property
    def passed(self) -> bool:
        """Are both errors within `TOLERANCE`: the first as far as noise lets it be known, which is to be so, too?"""
        near = abs(self.error) - self.margin <= TOLERANCE and self.margin <= TOLERANCE
        return near and abs(self.clock_error) <= TOLERANCE


def check(known: Sequence[Known]) -> tuple[float, tuple[Checked, ...]]:
    """Seconds that an empty step takes, and every cell whose step time follows from its waits.

    What the framework adds to a step that waits is taken from the `REFERENCE`, whose step waits half as long: an empty
    step in a tight row costs less, since one that has slept finds the processor's caches and clocks cold. Where a
    prefetched batch is what a step waits for, the step's own cost passes meanwhile, so that anything from none of it
    to all of it is right.
    """
    by_name = {one.name: one for one in known}
    reference = by_name[REFERENCE]
    cost, cost_margin = reference.period - reference.waits, _estimate(reference)
    unsure = cost_margin.margin * cost_margin.step_seconds
    found = []
    for one in known:
        if one.name in ("empty", REFERENCE):
            continue
        measured = _estimate(one)
        hidden = one.prefetched and one.data > one.step
        least = one.waits if hidden else one.waits + cost
        expected = min(max(measured.step_seconds, least), one.waits + cost)
        margin = math.hypot(measured.margin * measured.step_seconds, unsure) / expected
        found.append(Checked(one.name, one.waits, expected, one.period, measured.step_seconds, margin))
    return _estimate(by_name["empty"]).step_seconds, tuple(found)


def _estimate(one: Known) -> Estimate:
    found = estimate(one.windows)
    if found is None:
        raise ValueError(f"{one.name} has fewer than two windows")  # no cell that is ok has
    return found
