"""Logarithmic axes with ticks at numbers that people know."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axis import Axis

__all__ = ["known_ticks", "log_axis", "with_prefix"]

_FINENESS = ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9))
_MOST = 6


def known_ticks(low: float, high: float, wanted: int = 3) -> list[float]:
    """Round numbers from `low` to `high`, both above 0: of the coarsest kind that gives as many as `wanted`.

    >>> known_ticks(0.8, 120.0)
    [1.0, 10.0, 100.0]
    """
    powers = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1)
    ticks: list[float] = []
    for steps in _FINENESS:
        ticks = [step * 10.0**power for power in powers for step in steps if low <= step * 10.0**power <= high]
        if len(ticks) >= wanted:
            break
    return ticks[:: -(-len(ticks) // _MOST)] if ticks else []


def log_axis(axis: Axis, values: Sequence[float], text: Callable[[float], str], room: float = 1.15) -> None:
    """Make the axis of these values, all above 0, a logarithmic one, with `room` at both ends as a factor."""
    from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator

    low, high = min(values) / room, max(values) * room
    axes = axis.axes
    if axis is axes.xaxis:
        axes.set_xscale("log")
        axes.set_xlim(low, high)
    else:
        axes.set_yscale("log")
        axes.set_ylim(low, high)
    axis.set_major_locator(FixedLocator(known_ticks(low, high)))
    axis.set_major_formatter(lambda value, _: text(value))
    axis.set_minor_locator(NullLocator())
    axis.set_minor_formatter(NullFormatter())


def with_prefix(value: float) -> str:
    """A number in few signs.

    >>> with_prefix(14_700_000), with_prefix(130_000), with_prefix(0.5)
    ('14.7 M', '130 k', '0.5')
    """
    for size, prefix in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if value >= size:
            return f"{value / size:.3g}{prefix}"
    return f"{value:.3g}"
