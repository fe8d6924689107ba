"""A training curve as a table."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence

from bench.analyse.findings.registry import remarks
from bench.analyse.stats.spread import UNMEASURED, Spread
from bench.analyse.training.seeds import Repeats
from bench.report.core.columns import SYNTHETIC
from bench.report.core.table import Heading, Note, Table
from bench.report.training.settings import rate_text
from bench.results.metric import ABSENT, significant
from bench.results.metrics import METRICS
from bench.results.record import Epoch

__all__ = ["epoch_table"]

_MOST = 50

Together = Sequence[Epoch]
"""The same epoch of every seed."""


def epoch_table(cell: Repeats, spread: Spread = UNMEASURED) -> Table:
    """The cell's epochs, a row each; of many, some fifty with the first, the last and each seed's best among them.

    Of several seeds the figures are means, as far as all of them go. What was found of its records, on a host with
    this spread, stands below.
    """
    records = cell.trained
    every = list(zip(*(record.history for record in records), strict=False))
    best = {record.training.best_epoch - 1 for record in records if record.training is not None}
    shown = _some(every, best)
    mark = SYNTHETIC if any(record.data is not None and record.data.synthetic for record in records) else ""
    notes = [Note("images are synthetic: accuracies don't hold for real ones", SYNTHETIC)] if mark else []
    if len(records) > 1:
        stops = f", until the first of them ends after {len(every)}" if _apart(cell) else ""
        notes.append(Note(f"means of {len(records)} seeds{stops}"))
    if len(shown) < len(every):
        notes.append(Note(f"{len(shown)} of {len(every)} epochs, evenly apart, and the best; the record holds all"))
    notes += [Note(text) for text in dict.fromkeys(each for record in records for each in remarks(record, spread))]
    notes.append(
        Note(
            "loss and training accuracy are means over an epoch's steps, with dropout and augmentation at work, while "
            "the weights change; held-out figures are of the weights at its end"
        )
    )
    more = _varying(every)
    return Table(
        title=f"{cell.name if len(records) > 1 else records[0].cell}, by epoch",
        columns=tuple(
            Heading(heading, "right")
            for heading in (
                "epoch",
                *more,
                "loss",
                METRICS["accuracy"].heading,
                "held-out loss",
                METRICS["held_out_accuracy"].heading,
                "time, s",
            )
        ),
        rows=tuple(
            (
                str(together[0].epoch),
                *(read(together[0]) for read in more.values()),
                _mean(together, "loss", lambda value: f"{value:.4f}"),
                _mean(together, "accuracy", METRICS["accuracy"].text, mark),
                _mean(together, "val_loss", lambda value: f"{value:.4f}"),
                _mean(together, "val_accuracy", METRICS["held_out_accuracy"].text, mark),
                _mean(together, "seconds", significant),
            )
            for together in shown
        ),
        notes=tuple(notes),
    )


def _apart(cell: Repeats) -> bool:
    return len({len(record.history) for record in cell.trained}) > 1


def _varying(every: Sequence[Together]) -> dict[str, Callable[[Epoch], str]]:
    """Phase and learning rate, where these change; of several seeds only where all changed together."""
    columns: dict[str, Callable[[Epoch], str]] = {
        "phase": lambda one: one.phase,
        "learning rate": lambda one: ABSENT if one.learning_rate is None else rate_text(one.learning_rate),
    }
    return {
        name: read
        for name, read in columns.items()
        if len({read(together[0]) for together in every}) > 1
        and all(len(set(map(read, together))) == 1 for together in every)
    }


def _mean(together: Together, name: str, text: Callable[[float], str], mark: str = "") -> str:
    values = [value for epoch in together if (value := getattr(epoch, name)) is not None]
    return text(statistics.fmean(values)) + mark if values else ABSENT


def _some(every: Sequence[Together], best: set[int]) -> list[Together]:
    if len(every) <= _MOST:
        return list(every)
    spread = {round(i * (len(every) - 1) / (_MOST - 1)) for i in range(_MOST)}
    return [every[i] for i in sorted(spread | best) if i < len(every)]
