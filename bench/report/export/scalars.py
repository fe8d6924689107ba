"""A record's figures over steps, as trackers of experiments draw them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from bench.results.metrics import METRICS
from bench.results.query import when
from bench.results.record import Record

__all__ = ["Scalar", "epoch_scalars", "figures", "window_scalars"]

_EPOCHS = {
    "training/loss": "loss",
    "training/accuracy": "accuracy",
    "training/learning_rate": "learning_rate",
    "training/seconds": "seconds",
    "training/energy_joules": "energy_joules",
    "held_out/loss": "val_loss",
    "held_out/accuracy": "val_accuracy",
    "held_out/seconds": "val_seconds",
    "test/loss": "test_loss",
    "test/accuracy": "test_accuracy",
}


class Scalar(NamedTuple):
    """A figure at a step; `seconds` is when, since 1970, by the clock of the machine that measured it."""

    name: str
    value: float
    step: int
    seconds: float


def epoch_scalars(record: Record) -> Iterator[Scalar]:
    """What each epoch gave, its number the step.

    Epochs have no date: the first is taken to begin when its cell did, and each next one where the last ended.
    """
    now = when(record).timestamp()
    for epoch in record.history:
        now += epoch.seconds + (epoch.val_seconds or 0.0)
        for name, field in _EPOCHS.items():
            value = getattr(epoch, field)
            if value is not None:
                yield Scalar(name, value, epoch.epoch, now)


def window_scalars(record: Record) -> Iterator[Scalar]:
    """Seconds a step of each window that counts, at the timed steps of its process until then."""
    for number, process in enumerate(record.processes, 1):
        now, steps = when(process).timestamp(), 0
        for window in process.counted:
            now, steps = now + window.seconds, steps + window.steps
            if window.steps:
                yield Scalar(f"windows/step_seconds_of_process_{number}", window.step_seconds, steps, now)


def figures(record: Record) -> dict[str, float]:
    """Every metric that the record has, by its name."""
    found = {name: metric.read(record) for name, metric in METRICS.items()}
    return {name: float(value) for name, value in found.items() if value is not None}
