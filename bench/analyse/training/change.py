"""One figure of two cells, their seeds together, and what it changed by."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bench.analyse.stats.samples import FEWEST, Interval, difference, proportion
from bench.analyse.training.accuracy import image_step, values_of
from bench.analyse.training.seeds import Repeats
from bench.results.metrics import METRICS
from bench.results.record import Record

__all__ = ["ACCURACIES", "Change", "accuracy_change", "amount_change", "time_change"]

ACCURACIES = ("held_out_accuracy", "test_accuracy", "accuracy_gap")
"""Shares, whose change is a difference; every other figure's is a proportion."""

Improvement = Literal["better", "worse", "not distinguishable"]


@dataclass(frozen=True)
class Change:
    """A metric's figures on both sides, one a seed, and what their means differ by.

    `interval` is of that change, over the seeds; where there is none, `why` may say so. `comparable` is False where a
    verdict would be praise or blame that the figures don't bear, such as of accuracies on synthetic images.
    """

    name: str
    before: tuple[float, ...]
    after: tuple[float, ...]
    interval: Interval | None = None
    why: str | None = None
    comparable: bool = True

    @property
    def is_difference(self) -> bool:
        return self.name in ACCURACIES

    @property
    def value(self) -> float | None:
        """The difference of the means; or by what share of the first the second lies above it. None: a side has none,
        or they can't be compared."""
        if not self.before or not self.after or not self.comparable:
            return None
        before, after = statistics.fmean(self.before), statistics.fmean(self.after)
        if self.is_difference:
            return after - before
        return after / before - 1 if before else None

    @property
    def verdict(self) -> Improvement | None:
        """None where the spread over seeds isn't known, or neither direction is better."""
        better = METRICS[self.name].better
        if self.interval is None or better is None or not self.comparable:
            return None
        if self.name == "accuracy_gap" and max(map(statistics.fmean, (self.before, self.after))) <= 0:
            return None  # neither side overfits: lower is no better then
        if self.interval.side == "around":
            return "not distinguishable"
        return "better" if (self.interval.side == "above") == (better == "higher") else "worse"


def amount_change(name: str, before: Repeats, after: Repeats) -> Change:
    """Of what seeds don't change, such as parameters, or hardly, such as memory: no interval is wanted."""
    return Change(name, values_of(before.ok, name), values_of(after.ok, name))


def time_change(name: str, before: Repeats, after: Repeats) -> Change:
    """Of what a training took."""
    ours, theirs = values_of(before.trained, name), values_of(after.trained, name)
    return Change(name, ours, theirs, proportion(ours, theirs), _few(ours, theirs))


def accuracy_change(name: str, before: Repeats, after: Repeats) -> Change:
    """Of one of `ACCURACIES`."""
    ours, theirs = values_of(before.trained, name), values_of(after.trained, name)
    if before.synthetic or after.synthetic:
        why = "images are synthetic: accuracies on them are neither praised nor blamed"
        return Change(name, ours, theirs, None, why, comparable=False)
    if ours and theirs and (reason := _other_images(before.first, after.first)):
        return Change(name, ours, theirs, None, reason, comparable=False)
    step = image_step((*before.trained, *after.trained), name)
    return Change(name, ours, theirs, difference(ours, theirs, step), _few(ours, theirs))


def _few(before: Sequence[float], after: Sequence[float]) -> str | None:
    if not before or not after or min(len(before), len(after)) >= FEWEST:
        return None
    several = max(len(before), len(after)) >= FEWEST
    return f"one seed{' on one side' if several else ' a side'}: what seeds differ by isn't known"


def _other_images(before: Record, after: Record) -> str | None:
    if before.data is None or after.data is None or before.data.digest == after.data.digest:
        return None
    return "the images are others: accuracies on them don't compare"
