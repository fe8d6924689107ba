"""A cell's model judged by its own metrics, on examples trained on and held out. In the cell's process."""

from __future__ import annotations

import math
from collections.abc import Mapping

from bench.results.record import Judged, JudgedMetric
from bench.workload.directions import direction
from bench.workload.training import Figures

__all__ = ["USUAL", "judged_by_its_own"]

USUAL = frozenset({"loss", "accuracy"})


def judged_by_its_own(
    train: tuple[Figures, int] | None, held_out: tuple[Figures, int] | None, steps: int
) -> Judged | None:
    """What its metrics said of either part, each with how many examples there were; `steps` have been trained.

    None where loss and accuracy are all there is: a record has fields for these.
    """
    trained, unseen = (_finite(part[0].every) if part else {} for part in (train, held_out))
    names = list(dict.fromkeys((*trained, *unseen)))
    if set(names) == USUAL or not names:
        return None
    return Judged(
        metrics=tuple(
            JudgedMetric(name=name, better=direction(name), train=trained.get(name), held_out=unseen.get(name))
            for name in names
        ),
        train_examples=train[1] if train else 0,
        held_out_examples=held_out[1] if held_out else 0,
        steps=steps,
    )


def _finite(figures: Mapping[str, float]) -> dict[str, float]:
    """Those that a table can hold: a metric that became no number is none."""
    return {name: value for name, value in figures.items() if math.isfinite(value)}
