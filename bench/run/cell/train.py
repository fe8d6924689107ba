"""A cell's training to accuracy, wired to its data, its checkpoint and its file of weights. In the cell's process."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.results.record import Accuracy, Epoch, Training
from bench.results.stored_weights import kept_as
from bench.run.job import Job, Progress
from bench.support.exception_text import exception_text
from bench.workload import pipeline
from bench.workload.checkpoint import Checkpoint
from bench.workload.data import DataSet
from bench.workload.model import Built
from bench.workload.saved_model import keep
from bench.workload.trainer import Material, Trainer
from bench.workload.training import evaluate

__all__ = ["TrainedCell", "train_cell"]

_JUDGED = 0.06
"""Images to judge training accuracy on, as a share of those passed in training. An image judged takes a third of what
one trained does, so this costs 2 % of the training."""
_LEAST_JUDGED = 256


@dataclass
class TrainedCell:
    """What came of it; `kept` holds what must live until the process ends."""

    training: Training
    accuracy: Accuracy
    values: dict[str, float | None] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    kept: tuple[Any, ...] = ()


def train_cell(
    job: Job, built: Built, data: DataSet, history: list[Epoch], say: Callable[[Progress], None], elements: Any
) -> TrainedCell:
    """Train `built` on `data` as the job's cell says, judge it on the test images, and keep its weights if asked to.

    Epochs go into `history` as they end. `elements` is what the windows' batches look like.
    """
    cell, spec = job.cell, job.cell.train
    assert spec is not None
    per_epoch = spec.steps_per_epoch or len(data.train) // cell.batch_size
    # Keras runs whole executions only, beyond the epoch's end if need be: those of the training divide the epoch
    most = int(built.model.steps_per_execution)
    execution = next(steps for steps in range(min(most, per_epoch), 0, -1) if per_epoch % steps == 0)

    def batches(phase: int, skip: int) -> Any:
        # a pipeline of its own: the windows' one is somewhere in its epochs, and holds its cache file
        scratch = job.scratch / f"training-{phase}"
        scratch.mkdir()
        return pipeline.training_pipeline(
            data.train, job.options, cell.batch_size, cell.seed, scratch, Path(cell.folder), skip
        )

    def beat(steps: int) -> None:
        say(Progress("training", epoch_steps=(len(history) + 1, steps, per_epoch)))

    hot = pipeline.one_hot_width(elements)
    trainer = Trainer(
        built,
        spec,
        cell.model.freeze,
        Material(
            batches,
            _held_out(job, data, hot),
            per_epoch,
            _test_images(job, data, hot) if spec.test_each_epoch else None,
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
    share, judged = _on_training_images(job, built, data, per_epoch * len(trained.history), say, hot)
    accuracy = Accuracy(
        train=share,
        train_images=judged,
        held_out=trained.epoch.val_accuracy,
        held_out_images=_judged_images(job, data) if trained.epoch.val_accuracy is not None else 0,
        steps=trained.steps,
        synthetic=data.info.synthetic,
    )
    found = TrainedCell(trained.training, accuracy, kept=trained.frames)
    _test(job, built, data, found, say, hot)
    if spec.keep_weights and job.weights is not None:
        _keep(job, built, found)
    return found


def _judged_images(job: Job, data: DataSet) -> int:
    """How many held-out images an epoch is judged on."""
    steps = job.cell.train.validation_steps if job.cell.train else None
    return min(len(data.held_out), steps * job.cell.batch_size) if steps else len(data.held_out)


def _on_training_images(
    job: Job, built: Built, data: DataSet, steps: int, say: Callable[[Progress], None], hot: int | None
) -> tuple[float, int]:
    """Accuracy on images that it was trained on, judged as the held-out ones are, and how many.

    As many as those at most, and as `_JUDGED` allows of a training of so many `steps`.
    """
    affordable = max(_LEAST_JUDGED, int(_JUDGED * steps * job.cell.batch_size))
    images = min(len(data.train), _judged_images(job, data) or len(data.test) or _LEAST_JUDGED, affordable)
    say(Progress("training accuracy"))
    _, share = evaluate(
        built.model, pipeline.evaluation_pipeline(data.train[:images], job.options, job.cell.batch_size, hot)
    )
    assert share is not None  # each epoch had one
    return share, images


def _held_out(job: Job, data: DataSet, hot: int | None) -> Any:
    """The pipeline of held-out images; None where nothing is held out."""
    if not len(data.held_out):
        return None
    steps = job.cell.train.validation_steps if job.cell.train else None
    dataset = pipeline.evaluation_pipeline(data.held_out, job.options, job.cell.batch_size, hot)
    return dataset.take(steps) if steps else dataset


def _test_images(job: Job, data: DataSet, hot: int | None) -> Any:
    """The pipeline of test images; None where there are none."""
    if not len(data.test):
        return None
    return pipeline.evaluation_pipeline(data.test, job.options, job.cell.batch_size, hot)


def _test(
    job: Job, built: Built, data: DataSet, found: TrainedCell, say: Callable[[Progress], None], hot: int | None
) -> None:
    if not len(data.test):
        found.absent |= dict.fromkeys(("test_accuracy", "test_loss"), f"{data.info.name} has no test images")
        return
    say(Progress("test"))
    began = time.perf_counter()
    loss, share = evaluate(built.model, _test_images(job, data, hot))
    found.values |= {"test_loss": loss, "test_seconds": time.perf_counter() - began}
    found.accuracy = found.accuracy.model_copy(update={"test": share, "test_images": len(data.test)})


def _keep(job: Job, built: Built, found: TrainedCell) -> None:
    """Whatever hinders it costs the file, and not the training."""
    assert job.weights is not None
    try:
        keep(built.as_plain(), job.weights)
    except Exception as error:
        found.absent["weights"] = exception_text(error)
        return
    found.training = found.training.model_copy(update={"weights": kept_as(job.weights)})
