"""Cells of known step time: what they should have taken, and how far the measurement was off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.measure.stats import estimate
from bench.results.record import Window

__all__ = ["TOLERANCE", "Checked", "Known", "Waits", "check"]

TOLERANCE = 0.01
"""The largest relative error of a fit instrument."""


@dataclass(frozen=True)
class Waits:
    """What a step's training and its batch waited for, in seconds, the mean of what each wait really took.

    `prefetched`: one goes on during the other.
    """

    step: float
    data: float
    prefetched: bool


@dataclass(frozen=True)
class Known:
    """A cell of known step time, as it was measured."""

    name: str
    waits: Waits
    windows: tuple[Window, ...]


@dataclass(frozen=True)
class Checked:
    """Seconds a step `expected` and `measured`; `margin` is half of the latter's 95 % interval, as a share."""

    name: str
    expected: float
    measured: float
    margin: float

    @property
    def error(self) -> float:
        """Relative error, signed."""
        return self.measured / self.expected - 1

    @property
    def passed(self) -> bool:
        """Is it within `TOLERANCE`?"""
        return abs(self.error) <= TOLERANCE


def check(known: Sequence[Known]) -> tuple[float, tuple[Checked, ...]]:
    """Seconds that an empty step costs, and every cell whose step time follows from those of the reference cells.

    What the framework adds to a step is known from the references, and is not the same everywhere: a step that has
    slept for long finds the processor's caches and clocks cold, and costs more than one in a tight row. So that cost
    is taken from a cell that waits half as long in the same place:

    - step or data alone: its wait, and what the reference of its kind took beyond its own wait;
    - both without prefetch: both waits, and what a reference of the same kind took beyond its own two;
    - both prefetched: the longer of the two, each with its cost; that of prefetched data has a reference of its own.
    """
    by_name = {one.name: one for one in known}
    empty = _step_seconds(by_name["empty"])
    step = _beyond(by_name["step, half"])
    data = _beyond(by_name["data, half"])
    both = _beyond(by_name["both, half"])
    prefetched = _beyond(by_name["data, half, prefetched"])
    found = []
    for one in known:
        if one.name == "empty" or "half" in one.name:
            continue
        waits = one.waits
        if waits.prefetched:
            expected = max(waits.step + step, waits.data + prefetched)
        elif min(waits.step, waits.data) > 1e-3:
            expected = waits.step + waits.data + both
        else:
            expected = waits.step + waits.data + (step if waits.step > waits.data else data)
        measured = estimate(one.windows)
        assert measured is not None
        found.append(Checked(one.name, expected, measured.step_seconds, measured.margin))
    return empty, tuple(found)


def _beyond(reference: Known) -> float:
    return _step_seconds(reference) - reference.waits.step - reference.waits.data


def _step_seconds(one: Known) -> float:
    return sum(window.seconds for window in one.windows) / sum(window.steps for window in one.windows)
