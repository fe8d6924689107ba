"""A training's epochs as the series of two charts."""

from __future__ import annotations

from typing import Any, Final

from bench.report.html.pool import rounded
from bench.results.metrics import METRICS
from bench.results.record import Record
from bench.support.plain_text import plain_text

__all__ = ["learning_curves"]

_ACCURACIES: Final = {"accuracy": "accuracy", "val_accuracy": "held_out_accuracy", "test_accuracy": "test_accuracy"}
_LOSSES: Final = {"loss": "training loss", "val_loss": "held-out loss", "test_loss": "test loss"}


def learning_curves(record: Record) -> dict[str, Any] | None:
    """Accuracies in the unit that people see, and losses, epoch by epoch; None of what wasn't trained in epochs."""
    epochs = record.history
    if not epochs:
        return None
    accuracies = [
        {
            "title": METRICS[metric].title,
            "values": rounded([_scaled(one.figure(name), METRICS[metric].scale) for one in epochs]),
        }
        for name, metric in _ACCURACIES.items()
    ]
    losses = [
        {"title": title, "values": rounded([one.figure(name) for one in epochs])} for name, title in _LOSSES.items()
    ]
    return {
        "epochs": [one.epoch for one in epochs],
        "phases": [plain_text(one.phase) for one in epochs] if any(one.phase for one in epochs) else [],
        "unit": METRICS["held_out_accuracy"].unit,
        "synthetic": bool(record.accuracy and record.accuracy.synthetic),
        "accuracies": [one for one in accuracies if any(value is not None for value in one["values"])],
        "losses": [one for one in losses if any(value is not None for value in one["values"])],
        "best": record.training.best_epoch if record.training else None,
    }


def _scaled(value: float | None, scale: float) -> float | None:
    return None if value is None else value * scale
