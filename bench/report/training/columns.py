"""The columns of a training table: metrics and settings by their names, as a suite's `table` lists them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from bench.analyse.training.accuracy import values_of
from bench.errors import nearest
from bench.report.core.change_text import mean_text
from bench.report.core.columns import Column
from bench.report.training.settings import ARGUMENT, SETTINGS, setting_of
from bench.results.metric import ABSENT, Metric
from bench.results.metrics import METRICS
from bench.results.record import Record
from bench.suite.names import HOUSE_NETWORKS
from bench.suite.spec import ModelSpec

__all__ = ["USUAL", "TrainingColumn", "metric_text", "stopped_text", "training_columns", "unknown_columns"]

USUAL = (
    "trainable_params",
    "epochs",
    "stopped_by",
    "training_seconds",
    "held_out_accuracy",
    "test_accuracy",
    "accuracy_gap",
)
"""The columns of a suite that lists none."""

_STOPPED = {"epochs": "all epochs done", "early_stopping": "early stopping", "target_accuracy": "target reached"}


@dataclass(frozen=True)
class TrainingColumn:
    """A column: what stands in it for the good records of a cell, one a seed. `metric` is None of a setting."""

    name: str
    title: str
    heading: str
    text: Callable[[Sequence[Record]], str]
    legend: str = ""
    metric: Metric | None = None

    @property
    def align(self) -> Literal["left", "right"]:
        return "left" if self.metric is None else "right"

    @property
    def figure(self) -> Column:
        """The column as one of single records, which knows why it is absent."""
        why = self.metric.why_absent if self.metric else lambda _: None
        return Column(self.name, self.title, self.heading, lambda record: self.text([record]), why, self.legend)


def unknown_columns(names: Sequence[str], models: Sequence[ModelSpec]) -> dict[str, str]:
    """Those of a suite's `table` that are no columns, each with words that lead to the right one.

    `models` are the suite's: their networks' arguments are columns too.
    """
    taken = [(*HOUSE_NETWORKS.get(model.network, ()), *model.args) for model in models]
    arguments = dict.fromkeys(f"{ARGUMENT}{name}" for names in taken for name in names)
    return {
        name: nearest(name, arguments if name.startswith(ARGUMENT) else (*USUAL, *SETTINGS, *METRICS, *arguments))
        for name in names
        if _column(name) is None or (name.startswith(ARGUMENT) and name not in arguments)
    }


def training_columns(names: Sequence[str]) -> tuple[TrainingColumn, ...]:
    """The columns of these names, `USUAL` where there are none; what is no column (any more) is left out."""
    return tuple(found for name in names or USUAL if (found := _column(name)) is not None)


def metric_text(name: str, records: Sequence[Record]) -> str:
    """The metric's mean over the records and, where they differ, its standard deviation; marked on synthetic data."""
    synthetic = any(record.accuracy is not None and record.accuracy.synthetic for record in records)
    return mean_text(name, values_of(records, name), synthetic)


def stopped_text(records: Sequence[Record]) -> str:
    """What ended the training: `early stopping`, or of several seeds `2 early stopping, 1 all epochs done`."""
    rules = Counter(_STOPPED[record.training.stopped_by] for record in records if record.training is not None)
    if len(rules) < 2:
        return next(iter(rules), ABSENT)
    return ", ".join(f"{count} {rule}" for rule, count in rules.most_common())


def _column(name: str) -> TrainingColumn | None:
    if name == "stopped_by":
        return TrainingColumn(name, "stopped by", "stopped by", stopped_text)
    if (setting := setting_of(name)) is not None:
        read = setting.text
        return TrainingColumn(name, setting.title, setting.title, lambda records: read(records[0]), setting.legend)
    if (found := METRICS.get(name)) is None:
        return None
    return TrainingColumn(
        name, found.title, found.heading, lambda records: metric_text(name, records), found.legend, found
    )
