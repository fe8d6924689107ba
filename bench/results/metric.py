"""What a metric is: a figure of a record that owns its unit, its direction, its format and its legend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from bench.results.record import Record
from bench.results.window_stats import impossible

__all__ = ["ABSENT", "Metric", "significant", "to_margin", "with_margin"]

ABSENT = "–"
"""What stands where a figure would, had it been measured."""
_STORED_UNITS = {"_seconds": "s", "_bytes": "bytes", "_watts": "W", "_joules": "J", "_hz": "Hz"}


def significant(value: float) -> str:
    """Three significant digits, or all of the digits before the point.

    >>> significant(0.01234), significant(16.25), significant(1234.5)
    ('0.0123', '16.2', '1,234')
    """
    return f"{value:,.{_decimals(value, 3)}f}"


def with_margin(value: float, margin: float) -> str:
    """A value and half its interval's width, both to the digits that the margin leaves meaningful.

    The margin keeps two significant digits where they are below 35, else one (as the Particle Data Group rounds).

    >>> with_margin(16.25, 0.31), with_margin(616.4, 12.3), with_margin(1.3512, 0.0041)
    ('16.25 ± 0.31', '616 ± 12', '1.351 ± 0.004')
    """
    decimals = max(0, min(_margin_decimals(margin), _decimals(value, 6))) if margin > 0 else _decimals(value, 3)
    return f"{value:,.{decimals}f} ± {margin:,.{decimals}f}"


def to_margin(value: float, margin: float) -> str:
    """A value to the digits that half its interval's width leaves meaningful, and after the point three in all at most.

    >>> to_margin(4467.1, 174.0), to_margin(16.284, 0.2)
    ('4,470', '16.3')
    """
    decimals = _decimals(value, 3)
    if margin > 0:
        decimals = min(_margin_decimals(margin), decimals)
    return f"{round(value, decimals):,.{max(0, decimals)}f}"


@dataclass(frozen=True)
class Metric:
    """One figure of a record: how it is read, and how it is shown.

    A stored value is in the unit that `name` ends in; `value * scale` is in `unit`, and is what people see, formatted
    by `format` (a format specification or a function). `better` is None where neither direction is. `of_windows`: it is
    computed from the windows, and absent where these are impossible. `unit_of` gives a record's own unit, where what is
    counted depends on its data; `unit` is then the usual one.
    """

    name: str
    title: str
    unit: str
    better: Literal["lower", "higher"] | None
    format: str | Callable[[float], str]
    scale: float
    legend: str
    read: Callable[[Record], float | None]
    heading: str = ""
    of_windows: bool = False
    unit_of: Callable[[Record], str] | None = None

    def __post_init__(self) -> None:
        if not self.heading:
            object.__setattr__(self, "heading", f"{self.title}, {self.unit}" if self.unit else self.title)

    @property
    def stored_unit(self) -> str:
        """The unit that `name` ends in; empty where it ends in none."""
        return next((unit for ending, unit in _STORED_UNITS.items() if self.name.endswith(ending)), "")

    def text(self, value: float) -> str:
        """A stored value as people see it, without its unit."""
        shown = value * self.scale
        return self.format(shown) if callable(self.format) else format(shown, self.format)

    def text_with_margin(self, value: float, margin: float) -> str:
        """A stored value and half its interval's width as people see them, without their unit: `16.25 ± 0.31`."""
        return with_margin(value * self.scale, margin * self.scale)

    def text_to_margin(self, value: float, margin: float) -> str:
        """A stored value to the digits that half its interval's width leaves meaningful, without its unit."""
        return to_margin(value * self.scale, margin * self.scale)

    def show(self, record: Record, *, unit: bool = True) -> str:
        """The record's figure with its unit, or a dash where it has none."""
        value = self.read(record)
        if value is None:
            return ABSENT
        own = self.unit_for(record) if unit else ""
        return f"{self.text(value)} {own}" if own else self.text(value)

    def unit_for(self, record: Record) -> str:
        """The unit that the record's figure is shown in."""
        return self.unit if self.unit_of is None else self.unit_of(record)

    def why_absent(self, record: Record) -> str | None:
        """Why the record has no such figure; None where it has one."""
        if self.read(record) is not None:
            return None
        if record.failure is not None and self.name not in record.absent:
            return f"{record.status.replace('_', ' ')}: {record.failure.message}"
        if self.of_windows and (what := impossible(record.windows)):
            return f"it has {what}"
        return record.absent.get(self.name, "not recorded")


def _decimals(value: float, digits: int) -> int:
    """Digits after the point that leave `digits` significant ones."""
    if value == 0:
        return 0
    # as it is shown: 99.96 has two digits before the point, and three once it is rounded
    return max(0, digits - 1 - int(f"{value:.{digits - 1}e}".partition("e")[2]))


def _margin_decimals(margin: float) -> int:
    """Digits after the point that a margin leaves meaningful; below 0 where not even the ones are."""
    leading, exponent = map(float, f"{margin:.1e}".split("e"))
    return (1 if leading < 3.5 else 0) - int(exponent)
