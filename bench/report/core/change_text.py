"""A change of a figure, and what an accuracy came to beside another, as text."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from bench.analyse.stats.samples import Interval
from bench.analyse.training.before_after import BeforeAfter
from bench.analyse.training.change import Change
from bench.report.core.columns import SYNTHETIC
from bench.report.core.speedup_text import ALIKE, MARKS
from bench.results.metric import ABSENT
from bench.results.metrics import METRICS

__all__ = [
    "PRICE",
    "SAME",
    "beside_text",
    "change_text",
    "gain_text",
    "interval_text",
    "mean_text",
    "price_text",
    "seeds_text",
    "signed",
]

PRICE = "⚠"
"""Stands where something is faster and less accurate."""

SAME = "same"

_MARKS = {"better": MARKS["faster"], "worse": MARKS["slower"], "not distinguishable": ALIKE}
_MOST_SHARE = 3.0  # from here on a change is told as how many times as much


def mean_text(name: str, values: Sequence[float], synthetic: bool = False) -> str:
    """The mean of a metric's stored values as people see it and, where they differ, their standard deviation."""
    if not values:
        return ABSENT
    metric, mean = METRICS[name], statistics.fmean(values)
    mark = SYNTHETIC if synthetic and "accuracy" in name else ""
    if len(set(values)) == 1:
        return metric.text(mean) + mark
    sign = "+" if mean > 0 and isinstance(metric.format, str) and metric.format.startswith("+") else ""
    return f"{sign}{metric.text_with_margin(mean, statistics.stdev(values))}{mark}"


def signed(value: float, decimals: int = 1) -> str:
    """A number with its sign, a true minus among them; what rounds to 0 has none.

    >>> signed(-1.24), signed(0.04)
    ('−1.2', '0.0')
    """
    text = f"{value:+.{decimals}f}"
    return text[1:] if not float(text) else text.replace("-", "−")


def gain_text(value: float, interval: Interval | None) -> str:
    """A difference of shares in points: `−1.2`; with two digits after the point where one would show nothing."""
    return signed(value * 100, _decimals(interval))


def interval_text(interval: Interval) -> str:
    """The ends of a difference's interval, in points: `−1.9 to −0.5`."""
    decimals = _decimals(interval)
    return f"{signed(interval.low * 100, decimals)} to {signed(interval.high * 100, decimals)}"


def change_text(change: Change) -> str:
    """`−32 % ▲`, `+1.3 ± 0.9 ≈`, `4.3 × as much`, `same`; nothing where the sides can't be compared."""
    value, interval = change.value, change.interval
    if value is None:
        return ""
    mark = f" {_MARKS[change.verdict]}" if change.verdict else ""
    if value == 0 and interval is None:
        return SAME
    if change.is_difference:
        margin = "" if interval is None else f" ± {(interval.high - interval.low) / 2 * 100:.{_decimals(interval)}f}"
        return f"{gain_text(value, interval)}{margin}{mark}"
    if value >= _MOST_SHARE:
        return f"{value + 1:.3g} × as much{mark}"
    return f"{signed(value * 100, 0 if abs(value) >= 0.095 else 1)} %{mark}"


def seeds_text(change: Change) -> str:
    """`3 seeds`, or `3 and 2 seeds`."""
    before, after = len(change.before), len(change.after)
    numbers = str(after) if before == after else f"{before} and {after}"
    return f"{numbers} seed{'s' * (max(before, after) > 1)}"


def beside_text(found: BeforeAfter) -> str:
    """What is to be said of accuracy in the same breath as of speed; nothing where accuracies don't compare."""
    change = found.accuracy
    if change.value is None:
        return ""
    metric = METRICS[change.name]
    figures = f"{metric.title} {_mean(change, change.before)} → {_mean(change, change.after)} {metric.unit}"
    if change.interval is None:
        return f"; {figures}, {change.why}"
    known = f"{gain_text(change.value, change.interval)} points, 95 %: {interval_text(change.interval)}"
    known = f"{known}, {seeds_text(change)}"
    if change.verdict == "worse":
        return f"; {PRICE} it is less accurate: {figures} ({known})"
    if change.verdict == "better":
        return f"; more accurate too: {figures} ({known})"
    return f"; accuracy not distinguishable: {figures} ({known})"


def price_text(found: BeforeAfter) -> str:
    """What the warning sign stands for."""
    change, interval = found.accuracy, found.accuracy.interval
    assert change.value is not None
    assert interval is not None
    known = f"95 %: {interval_text(interval)}, {seeds_text(change)}"
    return (
        f"faster and less accurate than {found.before.first.variant}, by more than seeds differ by: "
        f"{METRICS[change.name].title} {gain_text(change.value, interval)} points ({known})"
    )


def _mean(change: Change, values: Sequence[float]) -> str:
    return METRICS[change.name].text(statistics.fmean(values))


def _decimals(interval: Interval | None) -> int:
    if interval is None:
        return 1
    half = (interval.high - interval.low) / 2 * 100
    return 1 if half >= 0.095 or half == 0 or math.isinf(half) else 2
