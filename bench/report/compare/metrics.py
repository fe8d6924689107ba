"""What is shown of two sides beside step time, where it differs noticeably: memory and accuracy."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.analyse.compare.comparison import Compared
from bench.report.core.columns import SYNTHETIC
from bench.results.metric import Metric
from bench.results.metrics import METRICS
from bench.results.record import Record

__all__ = ["BothSides", "noticeable"]

_MEMORY_APART = 0.05


@dataclass(frozen=True)
class BothSides:
    """A metric shown for both sides."""

    metric: Metric

    def texts(self, one: Compared) -> tuple[str, str]:
        return self._text(one.before), self._text(one.after)

    def _text(self, record: Record) -> str:
        shown = self.metric.show(record, unit=False)
        accuracy = self.metric.name == "held_out_accuracy" and record.accuracy
        return f"{shown}{SYNTHETIC}" if accuracy and accuracy.synthetic else shown


def noticeable(cells: Sequence[Compared]) -> tuple[BothSides, ...]:
    """The metrics that differ noticeably in any of the cells."""
    tests: dict[str, Callable[[Compared], bool]] = {
        "peak_gpu_allocator_bytes": _memory("peak_gpu_allocator_bytes"),
        "peak_resident_bytes": _memory("peak_resident_bytes"),
        "held_out_accuracy": _accuracy,
    }
    return tuple(BothSides(METRICS[name]) for name, differs in tests.items() if any(map(differs, cells)))


def _memory(name: str) -> Callable[[Compared], bool]:
    def differs(one: Compared) -> bool:
        before, after = one.before.values.get(name), one.after.values.get(name)
        return bool(before and after and abs(after / before - 1) > _MEMORY_APART)

    return differs


def _accuracy(one: Compared) -> bool:
    """After equal training on equal images: apart by more than the counts of images right and wrong would by chance.

    Two binomial shares, each over its number of images: 1.96 standard errors of their difference.
    """
    before, after = one.before.accuracy, one.after.accuracy
    if before is None or after is None or before.held_out is None or after.held_out is None:
        return False
    equal = bool(one.before.history and one.after.history) and before.steps == after.steps
    data = (
        one.before.data is not None and one.after.data is not None and one.before.data.digest == one.after.data.digest
    )
    images = min(before.held_out_images, after.held_out_images)
    if not (equal and data and images):
        return False
    share = (before.held_out + after.held_out) / 2
    return abs(after.held_out - before.held_out) > 1.96 * math.sqrt(2 * share * (1 - share) / images)
