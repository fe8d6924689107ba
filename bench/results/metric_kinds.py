"""What several metrics' declarations share: all but name, title and legend.

Without `read`, a metric is the record's value of its name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from bench.results.metric import Metric, significant
from bench.results.record import Record

__all__ = [
    "bytes_metric",
    "count_metric",
    "lower_share_metric",
    "seconds_metric",
    "share_metric",
    "value_of",
]

Read = Callable[[Record], float | None]
MIB = 1 / 2**20


def value_of(name: str) -> Read:
    """What an instrument left under this name."""
    return lambda record: record.values.get(name)


def seconds_metric(name: str, title: str, legend: str, read: Read | None = None) -> Metric:
    """Of seconds, better where fewer."""
    return Metric(name, title, "s", "lower", significant, 1, legend, read or value_of(name))


def bytes_metric(name: str, title: str, legend: str) -> Metric:
    """Of bytes stored, and shown in MiB; better where fewer."""
    return Metric(name, title, "MiB", "lower", significant, MIB, legend, value_of(name))


def share_metric(name: str, title: str, legend: str, read: Read | None = None) -> Metric:
    """Of shares (0..1), shown in per cent; better where higher."""
    return Metric(name, title, "%", "higher", ".1f", 100, legend, read or value_of(name))


def lower_share_metric(name: str, title: str, legend: str, read: Read | None = None) -> Metric:
    """Of shares (0..1), shown in per cent; better where lower."""
    return Metric(name, title, "%", "lower", ".1f", 100, legend, read or value_of(name))


def count_metric(
    name: str, title: str, better: Literal["lower", "higher"] | None, legend: str, read: Read | None = None
) -> Metric:
    """Of whole numbers."""
    return Metric(name, title, "", better, ",.0f", 1, legend, read or value_of(name))
