"""What teams are compared by: a cell's figure with its interval, and whether two such differ."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import Literal

from scipy import special

from bench.analyse.planning.amount import Amount, within_share
from bench.analyse.stats.processes import mean_of
from bench.analyse.stats.samples import mean_interval
from bench.analyse.stats.spread import Spread
from bench.analyse.training.accuracy import image_step, values_of
from bench.analyse.training.seeds import Repeats
from bench.results.metrics import METRICS
from bench.results.record import Record
from bench.system.nvml import Reading

__all__ = ["figure", "ranks", "wilson"]

_ACCURACIES = ("accuracy", "held_out_accuracy", "test_accuracy")
_COUNTED = (
    "trainable_params",
    "non_trainable_params",
    "train_state_bytes",
    "macs_per_image",
    "training_macs_per_image",
)
"""Metrics that are counted, and not measured."""
_Z = 1.959964


def figure(found: Repeats, name: str, spread: Spread) -> Reading[Amount]:
    """The metric's mean over a cell's seeds with its 95 % interval, else the reason why there is none.

    Of steps' times over windows, processes and what equal processes differ by on the host; of an accuracy over seeds,
    or, of one training, over the images that it was judged on; of other metrics over seeds, and none where there is
    one.
    """
    values = values_of(found.ok, name)
    if not values:
        return Reading(None, METRICS[name].why_absent(found.first) or "not recorded")
    if METRICS[name].of_windows:
        timed = mean_of(found.ok)
        if timed is not None and min(values) > 0:
            half = math.hypot(timed.margin, spread.half_width(before=timed.processes, after=math.inf))
            return Reading(within_share(math.exp(statistics.fmean(map(math.log, values))), half))
    if name in _COUNTED:
        return Reading(Amount(values[0], min(values), max(values)))
    if name in _ACCURACIES:
        return Reading(_accuracy(found.ok, name, values))
    mean = mean_interval(values)
    return Reading(Amount(values[0]) if mean is None else Amount(mean.value, mean.low, mean.high))


def _accuracy(records: Sequence[Record], name: str, values: Sequence[float]) -> Amount:
    mean = mean_interval(values, image_step(records, name))
    if mean is not None:
        return Amount(mean.value, max(0.0, mean.low), min(1.0, mean.high))
    judged = records[0].accuracy
    assert judged is not None
    images = {"accuracy": judged.train_images, "test_accuracy": judged.test_images}.get(name, judged.held_out_images)
    return wilson(values[0], images) if images else Amount(values[0])


def wilson(share: float, count: int) -> Amount:
    """A share of `count` with its 95 % interval (Wilson, *JASA* 22, 1927): of as many others drawn alike.

    >>> found = wilson(0.8, 1000)
    >>> round(found.low, 3), round(found.high, 3)
    (0.774, 0.824)
    """
    z2 = _Z**2 / count
    middle = (share + z2 / 2) / (1 + z2)
    half = _Z / (1 + z2) * math.sqrt(share * (1 - share) / count + z2 / 4 / count)
    return Amount(share, min(share, middle - half), max(share, middle + half))


def ranks(values: Sequence[Amount], better: Literal["lower", "higher"]) -> tuple[int, ...]:
    """Of each 1 and the number of those that are surely better: who can't be distinguished may share a rank.

    *Surely*: the 95 % interval of the difference, widened for the number of pairs that are looked at (Bonferroni),
    doesn't hold 0. A figure without an interval counts as exact.
    """
    pairs = len(values) * (len(values) - 1) / 2
    wider = float(special.ndtri(1 - 0.025 / pairs)) / _Z if pairs else 1.0
    sign = 1 if better == "higher" else -1
    return tuple(1 + sum(_above(other, one, sign, wider) for other in values) for one in values)


def _above(a: Amount, b: Amount, sign: int, wider: float) -> bool:
    """Is `a` surely better than `b`?"""
    gap = sign * (a.value - b.value)
    near, far = (a.low, b.high) if sign > 0 else (a.high, b.low)
    halves = [abs(one.value - end) if end is not None else 0.0 for one, end in ((a, near), (b, far))]
    return gap > wider * math.hypot(*halves)
