"""Does a faster candidate learn as well as the baseline? Both are trained briefly, with several seeds."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from bench.analyse.training.change import accuracy_change
from bench.analyse.training.seeds import repeats
from bench.analyse.tune.candidate import Candidate
from bench.analyse.tune.result import AccuracyCheck
from bench.results.record import Record
from bench.run.plan import Planned
from bench.run.single_cell import SingleCellRunner
from bench.run.tune.space import cell_of
from bench.suite.recipe import TrainSpec

__all__ = ["AccuracyJudge", "fastest_that_learns", "same_arithmetic"]

_SEEDS = (1, 2, 3)
"""Timings have seed 0, and records of both stand beside each other."""
_MOST_STEPS, _FEWEST_STEPS = 300, 60
_JUDGED_IMAGES = 2_000
_ARITHMETIC = ("pixels", "precision", "xla", "tf32", "batch_size")
"""Settings that change what is computed, if only by rounding; all others give the same batches to the same step."""
_BESIDE_SECONDS = 2.5
"""What a training takes beside its start and its steps: a few windows, and judging images."""


def same_arithmetic(one: Candidate, other: Candidate) -> bool:
    """Would both learn the same from the same seed?"""
    return all(one.settings.get(name) == other.settings.get(name) for name in _ARITHMETIC)


def fastest_that_learns(
    fastest: Callable[[Sequence[Candidate]], Candidate | None], check: Callable[[Candidate], AccuracyCheck]
) -> Candidate | None:
    """The `fastest` candidate, given those that were refused, that isn't refused itself; None where there is none."""
    refused: list[Candidate] = []
    while (best := fastest(refused)) is not None:
        if not check(best).refused:
            return best
        refused.append(best)
    return None


@dataclass
class AccuracyJudge:
    """Trains candidates by `runner` for `steps`, and the baseline once for all of them.

    `steps` is what `seconds` allow of three trainings of the baseline and three of a candidate, if a start takes
    `start_seconds` and a step of the baseline `step_seconds`.
    """

    runner: SingleCellRunner
    baseline: Planned
    seconds: float
    start_seconds: float
    step_seconds: float
    records: list[Record] = field(default_factory=list)

    @property
    def steps(self) -> int:
        each = self.seconds / (2 * len(_SEEDS)) - self.start_seconds - _BESIDE_SECONDS
        return max(0, min(_MOST_STEPS, math.floor(each / self.step_seconds)))

    def why_not(self) -> str | None:
        """Why nothing can be judged; None where it can."""
        data = self.baseline.data
        if data is None or data.synthetic:
            return "images are synthetic, and accuracy on them says nothing of real ones"
        if not data.held_out_images and self.baseline.cell.data.validation is None:
            return f"the data set has no held-out {data.unit_of_examples}"
        if self.steps < _FEWEST_STEPS:
            each = self.start_seconds + _BESIDE_SECONDS + _FEWEST_STEPS * self.step_seconds
            return f"there was no time: it takes {2 * len(_SEEDS) * each:.0f} s or more; give a larger --budget"
        return None

    def check(self, planned: Planned, candidate: Candidate) -> AccuracyCheck:
        """Train it, and the baseline where that wasn't yet. On Ctrl-C KeyboardInterrupt passes through."""
        why = self.why_not()
        if why is not None:
            return AccuracyCheck(candidate.name, None, why=why)
        steps = self.steps
        if not self.records:
            self.records += self._trained(self.baseline, steps)
        ours = self._trained(planned, steps)
        failed = next((one.failure for one in (*self.records, *ours) if one.failure is not None), None)
        if failed is not None:
            return AccuracyCheck(candidate.name, None, steps, f"a training failed in {failed.stage}: {failed.message}")
        before, after = repeats(self.records), repeats(ours)
        return AccuracyCheck(candidate.name, accuracy_change("held_out_accuracy", before[0], after[0]), steps)

    def _trained(self, planned: Planned, steps: int) -> Sequence[Record]:
        """A record for each seed. A larger batch trains on as many images, in fewer steps."""
        cell = planned.cell
        share = self.baseline.cell.batch_size / cell.batch_size
        train = TrainSpec(
            epochs=1,
            steps_per_epoch=max(1, round(steps * share)),
            validation_steps=max(1, _JUDGED_IMAGES // cell.batch_size),
            learning_rate=_rate(cell.model.learning_rate, share),
        )
        quick = cell.protocol.model_copy(update={"max_seconds": 0.1, "min_windows": 3, "min_seconds": 0.0})
        found = []
        for seed in _SEEDS:
            own = cell_of(cell, cell.variant.name, cell.variant.options, cell.batch_size, seed)
            own = own.model_copy(update={"train": train, "protocol": quick})
            found.append(self.runner.measure(replace(planned, cell=own)))
        return found


def _rate(rate: float | None, share: float) -> float | None:
    """The rate for a batch that is `1 / share` as large: by the square root, which suits Adam (Malladi et al., NeurIPS
    2022)."""
    return None if rate is None else rate / math.sqrt(share)
