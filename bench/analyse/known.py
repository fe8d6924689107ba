"""Cells of known step time: what they took by their own account, and how far the measurement was off."""

from __future__ import annotations

from dataclasses import dataclass

from bench.measure.stats import estimate
from bench.results.record import Window

__all__ = ["TOLERANCE", "Checked", "Known", "check"]

TOLERANCE = 0.01
"""The largest relative error of a fit instrument."""

_LARGEST_COST = 0.25
"""What the framework may cost beside the waits, as a share of them. Work beside it costs milliseconds on a loaded
machine; waits that should overlap and don't, or the other way round, cost half of the longer or more."""


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
    """Seconds a step that are `known` and `measured`; `waits` of the known ones, by construction.

    The rest of them is what the framework costs beside. `margin`: half the 95 % interval of `measured`, as a share.
    """

    name: str
    waits: float
    known: float
    measured: float
    margin: float

    @property
    def cost(self) -> float:
        """Seconds a step of the framework's own."""
        return self.known - self.waits

    @property
    def error(self) -> float:
        """Relative error of the measurement, signed."""
        return self.measured / self.known - 1

    @property
    def passed(self) -> bool:
        """Is the error within `TOLERANCE`, and do the waits add up or overlap as they should?"""
        overlap = -TOLERANCE <= self.cost / self.waits <= _LARGEST_COST if self.waits > 1e-3 else True
        return overlap and abs(self.error) <= TOLERANCE


def check(known: Known) -> Checked:
    """Set what was measured beside what is known."""
    measured = estimate(known.windows)
    assert measured is not None  # a cell that is ok has two windows
    return Checked(known.name, known.waits, known.period, measured.step_seconds, measured.margin)
