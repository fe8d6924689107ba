"""One record's step time beside another's."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bench.measure.stats import Estimate, estimate
from bench.results.record import Record

__all__ = ["PROCESS_SPREAD", "Ratio", "Refusal", "Verdict", "ratio", "speedup"]

PROCESS_SPREAD = 0.02
"""What one cell's step time differs by from one process to the next: its standard deviation, as a share of it.

A process gets other memory, cores and moments than the one before. Measured on a 2-core virtual machine beyond the
noise of the windows: 2.2 % over ten processes of the simple CNN's notebook cell, 1.1 % over nine of VGG16 with options
that don't matter there. Without this allowance two of nine equal cells were called faster.
"""

Verdict = Literal["faster", "slower", "not distinguishable"]


@dataclass(frozen=True)
class Ratio:
    """How many times as fast as its baseline something is, with the 95 % interval `low`..`high`."""

    value: float
    low: float
    high: float

    @property
    def verdict(self) -> Verdict:
        """`not distinguishable` where the interval holds 1."""
        return "faster" if self.low > 1 else "slower" if self.high < 1 else "not distinguishable"


@dataclass(frozen=True)
class Refusal:
    """Two records that may not be set side by side, and why."""

    reasons: tuple[str, ...]

    def __str__(self) -> str:
        return "; ".join(self.reasons)


def speedup(record: Record, baseline: Record) -> Ratio | Refusal:
    """How many times as fast as `baseline` the record's steps are.

    Both must be good, of one host and executor, and equal in everything that their workloads name but the options,
    which is where variants differ by design: model, data's shape and count, batch size, software. The interval covers
    the noise of the windows and `PROCESS_SPREAD`.
    """
    reasons = [
        f"{one.cell} is {one.status.replace('_', ' ')}" for one in (record, baseline) if not one.ok
    ] or _differences(record, baseline)
    if reasons:
        return Refusal(tuple(reasons))
    ours, theirs = estimate(record.windows), estimate(baseline.windows)
    if ours is None or theirs is None:
        short = record if ours is None else baseline
        return Refusal((f"{short.cell} has fewer than two windows",))
    return ratio(theirs, ours, PROCESS_SPREAD)


def ratio(before: Estimate, after: Estimate, spread: float) -> Ratio:
    """`before / after`: above 1 where `after` takes less time.

    `spread` is the standard deviation, as a share, that each has beyond the noise of its windows.

    The logarithm of a ratio of independent means has, to first order, the sum of their squared relative errors as its
    variance (delta method). Each relative half-width here already holds Student's t for its own number of windows, and
    joining these (Zou & Donner, *Statistics in Medicine* 27, 2008) keeps the interval honest when windows are few.
    """
    value = before.step_seconds / after.step_seconds
    half = math.hypot(before.margin, after.margin, 1.96 * math.sqrt(2) * spread)
    return Ratio(value, value * math.exp(-half), value * math.exp(half))


def _differences(record: Record, baseline: Record) -> list[str]:
    ours, theirs = (_flat({k: v for k, v in one.workload.items() if k != "options"}) for one in (record, baseline))
    for name in ("host", "executor"):
        ours[name], theirs[name] = getattr(record, name), getattr(baseline, name)
    return [
        f"{name} differs: {ours.get(name, 'absent')} and {theirs.get(name, 'absent')}"
        for name in dict.fromkeys((*ours, *theirs))
        if ours.get(name) != theirs.get(name)
    ]


def _flat(value: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, inner in value.items():
        if isinstance(inner, Mapping):
            flat |= _flat(inner, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = inner
    return flat
