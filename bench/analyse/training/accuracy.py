"""Which accuracy trained cells are judged by, and its values over their seeds."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence

from bench.results.metrics import METRICS
from bench.results.record import Record

__all__ = ["image_step", "judged_by", "mean_of_metric", "values_of"]


def judged_by(records: Iterable[Record]) -> str:
    """The metric: `test_accuracy` where every good record that trained has one, else `held_out_accuracy`."""
    trained = [record for record in records if record.ok and record.history]
    tested = bool(trained) and all(METRICS["test_accuracy"].read(record) is not None for record in trained)
    return "test_accuracy" if tested else "held_out_accuracy"


def values_of(records: Iterable[Record], name: str) -> tuple[float, ...]:
    """The metric's figures of the records that have one."""
    return tuple(value for record in records if (value := METRICS[name].read(record)) is not None)


def mean_of_metric(records: Iterable[Record], name: str) -> float | None:
    """The mean of those."""
    values = values_of(records, name)
    return statistics.fmean(values) if values else None


def image_step(records: Sequence[Record], name: str) -> float:
    """What one image more or less changes of that accuracy, over the fewest images that any of the records has."""
    images = [
        record.accuracy.test_images if name == "test_accuracy" else record.accuracy.held_out_images
        for record in records
        if record.accuracy is not None
    ]
    return 1 / min(images) if images and min(images) > 0 else 0.0
