"""A training curve as a table."""

from __future__ import annotations

from bench.analyse.judge import judge
from bench.analyse.spread import UNMEASURED, Spread
from bench.report.suite_columns import SYNTHETIC
from bench.report.table import Column, Note, Table
from bench.results.metric import ABSENT, significant
from bench.results.metrics import METRICS
from bench.results.record import Epoch, Record

__all__ = ["epoch_table"]

_MOST = 20


def epoch_table(record: Record, spread: Spread = UNMEASURED) -> Table:
    """The record's epochs, a row each; of many, some twenty with the first, the best and the last among them.

    What was found of the record, on a host with this spread, stands below.
    """
    synthetic = record.data is not None and record.data.synthetic
    mark = SYNTHETIC if synthetic else ""
    shown = _some(record.history)
    notes = [Note("images are synthetic: accuracies don't hold for real ones", SYNTHETIC)] if synthetic else []
    if len(shown) < len(record.history):
        notes.append(Note(f"{len(shown)} of {len(record.history)} epochs; the record holds all"))
    # synthetic data has a mark of its own
    notes += [Note(finding.message) for finding in judge(record, spread) if finding.code != "synthetic-data"]
    return Table(
        title=f"{record.cell}, by epoch",
        columns=tuple(
            Column(heading, "right")
            for heading in (
                "epoch",
                "loss",
                METRICS["accuracy"].heading,
                "held-out loss",
                METRICS["held_out_accuracy"].heading,
                "time, s",
            )
        ),
        rows=tuple(
            (
                str(epoch.epoch),
                f"{epoch.loss:.4f}",
                METRICS["accuracy"].text(epoch.accuracy) + mark,
                ABSENT if epoch.val_loss is None else f"{epoch.val_loss:.4f}",
                ABSENT if epoch.val_accuracy is None else METRICS["held_out_accuracy"].text(epoch.val_accuracy) + mark,
                significant(epoch.seconds),
            )
            for epoch in shown
        ),
        notes=tuple(notes),
    )


def _some(history: tuple[Epoch, ...]) -> list[Epoch]:
    if len(history) <= _MOST:
        return list(history)
    best = max(range(len(history)), key=lambda i: history[i].val_accuracy or 0.0)
    spread = {round(i * (len(history) - 1) / (_MOST - 1)) for i in range(_MOST)}
    return [history[i] for i in sorted(spread | {best})]
