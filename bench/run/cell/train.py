"""A cell's training to accuracy, wired to its data, its checkpoint and its file of weights. In the cell's process."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bench.errors import Fault, InputError
from bench.results.record import Accuracy, Epoch, Judged, Training
from bench.results.stored_weights import kept_as
from bench.run.cell.judging import USUAL, judged_by_its_own
from bench.run.job import Job, Progress
from bench.support.exception_text import exception_text
from bench.workload.cell_data import CellData
from bench.workload.checkpoint import Checkpoint
from bench.workload.model import Built
from bench.workload.saved_model import keep
from bench.workload.trainer import Material, Trainer
from bench.workload.training import Figures, evaluate

__all__ = ["TrainedCell", "train_cell"]

_JUDGED = 0.06
"""Images to judge training accuracy on, as a share of those passed in training. An image judged takes a third of what
one trained does, so this costs 2 % of the training."""
_LEAST_JUDGED = 256


@dataclass
class TrainedCell:
    """What came of it; `kept` holds what must live until the process ends."""

    training: Training
    accuracy: Accuracy | None
    judged: Judged | None = None
    values: dict[str, float | None] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    kept: tuple[Any, ...] = ()


def train_cell(
    job: Job, built: Built, data: CellData, history: list[Epoch], say: Callable[[Progress], None], elements: Any
) -> TrainedCell:
    """Train `built` on `data` as the job's cell says, judge it on the test part, and keep its weights if asked to.

    Epochs go into `history` as they end. `elements` is what the windows' batches look like. Raises InputError where
    nobody says how many steps an epoch has.
    """
    cell, spec = job.cell, job.cell.train
    assert spec is not None
    per_epoch = spec.steps_per_epoch or data.steps
    if not per_epoch:
        what = f"{data.info.name} doesn't say how many examples an epoch has"
        raise InputError(Fault(what, "write `train: {steps_per_epoch: …}` or `data: {examples: …}`"))
    # Keras runs whole executions only, beyond the epoch's end if need be: those of the training divide the epoch
    most = int(built.model.steps_per_execution)
    execution = next(steps for steps in range(min(most, per_epoch), 0, -1) if per_epoch % steps == 0)

    def batches(phase: int, skip: int) -> Any:
        # a pipeline of its own: the windows' one is somewhere in its epochs, and holds its cache file
        return data.training(job.scratch / f"training-{phase}", skip=skip)

    def beat(steps: int) -> None:
        say(Progress("training", epoch_steps=(len(history) + 1, steps, per_epoch)))

    held_out = data.judging("held_out", _validated(job))
    trainer = Trainer(
        built,
        spec,
        cell.model.freeze,
        Material(
            batches,
            held_out[0] if held_out else None,
            per_epoch,
            (data.judging("test") or (None,))[0] if spec.test_each_epoch else None,
            execution,
            elements,
        ),
        Checkpoint(job.checkpoint) if job.checkpoint is not None else None,
        heard=lambda epoch: say(Progress("training", epoch=epoch)),
        beat=beat,
        warn=lambda text: say(Progress("training", notice=f"{cell.id}: {text}")),
        history=history,
    )
    trained = trainer.run()
    judged_held_out = held_out[1] if held_out else 0
    figures, judged = _on_training_images(job, built, data, per_epoch * len(trained.history), judged_held_out, say)
    found = TrainedCell(trained.training, None, kept=trained.frames)
    if figures.accuracy is not None:
        found.accuracy = Accuracy(
            train=figures.accuracy,
            train_images=judged,
            held_out=trained.epoch.val_accuracy,
            held_out_images=judged_held_out if trained.epoch.val_accuracy is not None else 0,
            steps=trained.steps,
            synthetic=data.info.synthetic,
        )
    if set(figures.every) != USUAL:
        unseen = (evaluate(built.model, held_out[0]), held_out[1]) if held_out else None
        found.judged = judged_by_its_own((figures, judged), unseen, trained.steps)
    _test(built, data, found, say)
    if spec.keep_weights and job.weights is not None:
        _keep(job, built, found)
    return found


def _validated(job: Job) -> int | None:
    """Held-out examples that an epoch is judged on, at most; None: all."""
    steps = job.cell.train.validation_steps if job.cell.train else None
    return None if steps is None else steps * job.cell.batch_size


def _on_training_images(
    job: Job, built: Built, data: CellData, steps: int, judged: int, say: Callable[[Progress], None]
) -> tuple[Figures, int]:
    """What it tells of examples that it was trained on, judged as the `judged` held-out ones were, and how many.

    As many as those at most, and as `_JUDGED` allows of a training of so many `steps`.
    """
    affordable = max(_LEAST_JUDGED, int(_JUDGED * steps * job.cell.batch_size))
    most = min(judged or data.info.test_images or _LEAST_JUDGED, affordable)
    say(Progress("training accuracy"))
    found = data.judging("train", most)
    assert found is not None  # it was trained on
    return evaluate(built.model, found[0]), found[1]


def _test(built: Built, data: CellData, found: TrainedCell, say: Callable[[Progress], None]) -> None:
    judged = data.judging("test")
    if judged is None:
        found.absent |= dict.fromkeys(
            ("test_accuracy", "test_loss"), f"{data.info.name} has no test {data.info.unit_of_examples}"
        )
        return
    say(Progress("test"))
    began = time.perf_counter()
    figures = evaluate(built.model, judged[0])
    found.values |= {"test_loss": figures.loss, "test_seconds": time.perf_counter() - began}
    if found.accuracy is not None:
        found.accuracy = found.accuracy.model_copy(update={"test": figures.accuracy, "test_images": judged[1]})


def _keep(job: Job, built: Built, found: TrainedCell) -> None:
    """Whatever hinders it costs the file, and not the training."""
    assert job.weights is not None
    try:
        keep(built.as_plain(), job.weights)
    except Exception as error:
        found.absent["weights"] = exception_text(error)
        return
    found.training = found.training.model_copy(update={"weights": kept_as(job.weights)})
