"""Training to an accuracy: phase after phase, epoch after epoch, under the rules of a suite's `train`."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import keras
import tensorflow as tf

from bench.errors import Fault, InputError
from bench.results.record import Epoch, Training
from bench.suite.recipe import Monitor, Phase, TrainSpec
from bench.workload.checkpoint import Checkpoint, Saved
from bench.workload.model import Built
from bench.workload.rules import best_of, learning_rates, stops
from bench.workload.training import figures_of, remember, train_epochs, train_steps

__all__ = ["DivergedError", "Material", "Trained", "Trainer"]

_OF_TRAINING: dict[Monitor, Monitor] = {"val_loss": "loss", "val_accuracy": "accuracy"}


_ROOM, _COPIES = 2**26, 16
"""Bytes of a checkpoint beside its arrays, and how many times a network's weights these are at most: weights, what an
optimizer has of each, and the best weights."""


class DivergedError(Exception):
    """Training gave a loss that is no number."""


class _UnfitError(Exception):
    """What was kept has other variables than the network."""


@dataclass(frozen=True)
class Material:
    """What a training works on.

    `batches(phase, skip)` is a pipeline of its own for each phase, by its number, whose first `skip` batches have been
    trained on; `held_out` are batches to validate on, or None; an epoch has `steps`, so many an `execution`. `test` are
    batches to judge after each epoch, with no consequence, or None; `elements` are what the pipeline's batches look
    like (`tf.TypeSpec`s).
    """

    batches: Callable[[int, int], tf.data.Dataset]
    held_out: tf.data.Dataset | None
    steps: int
    test: tf.data.Dataset | None = None
    execution: int = 1
    elements: Any = None


@dataclass(frozen=True)
class Trained:
    """How it went; `epoch` is the one whose weights the model has now, `frames` is to be kept (see `Fitted`)."""

    training: Training
    history: tuple[Epoch, ...]
    epoch: Epoch
    frames: tuple[BaseException, ...]

    @property
    def steps(self) -> int:
        """Steps that these weights have seen."""
        return sum(one.steps for one in self.history if one.epoch <= self.epoch.epoch)


@dataclass
class Trainer:
    """Trains `built` as `spec` says; its model's weights are to be those that training begins with.

    `heard(epoch)` is told of each epoch as it ends, `beat(steps)` of progress within one, `warn` of a checkpoint that
    couldn't be written or is damaged. Where `checkpoint` holds an interrupted training of the same cell, that goes on,
    its epochs being in `history` then; where it is damaged, or of something else, the training begins anew.

        trained = Trainer(built, spec, freeze, material, checkpoint, heard, beat).run()

    Raises DivergedError where a loss is no number; `history` holds the epochs until then.
    """

    built: Built
    spec: TrainSpec
    freeze: float
    material: Material
    checkpoint: Checkpoint | None
    heard: Callable[[Epoch], None]
    beat: Callable[[int], None]
    warn: Callable[[str], None] = print
    history: list[Epoch] = field(default_factory=list)

    def __post_init__(self) -> None:
        monitor = self.spec.monitor
        self._monitor = _OF_TRAINING.get(monitor, monitor) if self.material.held_out is None else monitor
        self._resumed: tuple[int, ...] = ()
        self._best: list[Any] | None = None
        self._rate = 0.0
        self._failed: str | None = None
        self._verdict: Literal["epochs", "early_stopping", "target_accuracy"] | None = None

    @property
    def _model(self) -> keras.Model:
        return self.built.model

    def run(self) -> Trained:
        """Every phase, in order."""
        try:
            return self._run(self._saved())
        except _UnfitError:
            self._begin_anew("is of another network")
            return self._run(None)

    def _saved(self) -> Saved | None:
        """The interrupted training, if there is one that this may go on with."""
        if self.checkpoint is None:
            return None
        weights = sum(variable.numpy().nbytes for variable in self._model.variables)
        saved = self.checkpoint.load(_ROOM + _COPIES * weights, self.warn)
        if saved is not None and not self._could_be(saved.history):
            self._begin_anew("is of another recipe")
            return None
        return saved

    def _could_be(self, history: Sequence[Epoch]) -> bool:
        """Is it of these phases, in their order, of epochs such as this training's?"""
        stages = {phase.name: phase.epochs or 0 for phase in self.spec.stages(self.freeze)}
        runs = [(name, len(list(epochs))) for name, epochs in itertools.groupby(history, lambda epoch: epoch.phase)]
        in_order = [name for name, _ in runs] == list(stages)[: len(runs)]
        return (
            in_order
            and all(count <= stages[name] for name, count in runs)
            and all(one.steps == self.material.steps and one.figure(self._monitor) is not None for one in history)
        )

    def _begin_anew(self, why: str) -> None:
        assert self.checkpoint is not None
        self.warn(f"{self.checkpoint.path}: the training that is kept there {why}: it begins anew")

    def _run(self, saved: Saved | None) -> Trained:
        frames = []
        phases = self.spec.stages(self.freeze)
        for number, phase in enumerate(phases):
            if saved is not None and saved.history[-1].phase != phase.name:
                continue  # it was over when the training was interrupted
            if self.built.begin(phase, self.material.execution, first=number == 0):
                frames += self._traced()
            self._begin(phase)
            if saved is not None:
                self._go_on(saved, phase)
                saved = None
            if self._verdict is None:
                frames.append(self._fit(number, phase))
            self._end()
            if self._verdict == "target_accuracy":
                break
        return self._trained(tuple(frames))

    def _traced(self) -> list[BaseException]:
        """Trace, and compile, the step and the validation on a batch of zeros, and undo what that changed: it belongs
        in no epoch's time."""
        elements = self.material.elements
        if elements is None or not all(one.shape.is_fully_defined() for one in tf.nest.flatten(elements)):
            return []  # a function of the user's own left sizes open
        undo = remember(self._model)
        zeros = tf.nest.map_structure(lambda one: tf.zeros(one.shape, one.dtype), elements)
        batches = tf.data.Dataset.from_tensors(zeros).repeat()
        fitted = train_steps(self._model, batches, lambda: None, lambda _steps: False)
        if self.material.held_out is not None:
            self._model.evaluate(self.material.held_out.take(1), verbose=0)
        undo()
        return [fitted.frames]

    def _begin(self, phase: Phase) -> None:
        self._verdict, self._best = None, None
        if phase.reduce_on_plateau and isinstance(
            _rate_of(self._model), keras.optimizers.schedules.LearningRateSchedule
        ):
            what = "reduce_on_plateau: the model's own optimizer follows a schedule, which can't be reduced"
            raise InputError(Fault(what, "leave one of the two out"))
        self._rate = _rate_now(self._model)

    def _go_on(self, saved: Saved, phase: Phase) -> None:
        if not saved.restore(self._model):
            raise _UnfitError
        self.history[:] = saved.history
        self._resumed = (*saved.resumed_after, len(saved.history))
        self._best = list(saved.best) if saved.best is not None else None
        self._judge(phase)

    def _fit(self, number: int, phase: Phase) -> BaseException:
        def done(figures: dict[str, Any]) -> bool:
            for name in self._wanted():
                if figures[name] is None:
                    what = f"the model's own step tells of no {name}, by which this training is judged"
                    hint = "compile it with metrics=['accuracy'], return what it is judged by from the step"
                    raise InputError(Fault(what, hint))
            for name in ("loss", "val_loss"):
                if figures[name] is not None and not math.isfinite(figures[name]):
                    raise DivergedError(f"{name} is {figures[name]} in epoch {figures['epoch']}")
            rate = _rate_now(self._model)
            self.history.append(Epoch(**figures, **self._tested(), phase=phase.name, learning_rate=rate))
            self._judge(phase)
            self.heard(self.history[-1])
            return self._verdict is None

        skip, first = sum(epoch.steps for epoch in self.history), len(self.history)
        batches = self.material.batches(number, skip)
        return train_epochs(
            self._model,
            batches,
            self.material.held_out,
            self.material.steps,
            done,
            first=first,
            passes_over=skip > 0,
            beat=self.beat,
        )

    def _wanted(self) -> tuple[str, ...]:
        """The figures that each epoch must have."""
        target = ("val_accuracy",) if self.spec.target_accuracy is not None else ()
        return tuple(dict.fromkeys(("loss", self._monitor, *target)))

    def _tested(self) -> dict[str, float | None]:
        if self.material.test is None:
            return {}
        found = figures_of(self._model, self.material.test)
        return {"test_loss": found.loss, "test_accuracy": found.accuracy}

    def _judge(self, phase: Phase) -> None:
        """After an epoch: is it the best, what is the next one's rate, is there a next one? Then keep all that."""
        epochs = [epoch for epoch in self.history if epoch.phase == phase.name]
        values = [value for epoch in epochs if (value := epoch.figure(self._monitor)) is not None]
        if self.spec.restore_best and (self._best is None or best_of(values, self._monitor) == len(values) - 1):
            self._best = [variable.numpy() for variable in self._model.variables]
        if phase.reduce_on_plateau is not None:
            before = epochs[-1].learning_rate
            rate = learning_rates(values, self._rate, phase.reduce_on_plateau, self._monitor)[-1]
            if before is not None and not math.isclose(rate, before, rel_tol=1e-6):
                self._model.optimizer.learning_rate = rate
        target, reached = self.spec.target_accuracy, epochs[-1].val_accuracy
        if self.spec.stop_at_target and target is not None and reached is not None and reached >= target:
            self._verdict = "target_accuracy"
        elif phase.early_stopping is not None and stops(values, phase.early_stopping, self._monitor):
            self._verdict = "early_stopping"
        elif len(epochs) >= (phase.epochs or 0):
            self._verdict = "epochs"
        if self.checkpoint is not None and epochs[-1].epoch not in self._resumed[-1:]:
            failed = self.checkpoint.save(self._model, tuple(self.history), self._resumed, self._best)
            if failed is not None and failed != self._failed:
                self._failed = failed  # told once
                self.warn(f"the training can't be gone on with if it is interrupted: {failed}")

    def _end(self) -> None:
        if self._best is not None:
            for variable, value in zip(self._model.variables, self._best, strict=True):
                variable.assign(value)

    def _trained(self, frames: tuple[BaseException, ...]) -> Trained:
        last = [epoch for epoch in self.history if epoch.phase == self.history[-1].phase]
        values = [value for epoch in last if (value := epoch.figure(self._monitor)) is not None]
        best = last[best_of(values, self._monitor)]
        training = Training(
            stopped_by=self._verdict or "epochs",
            monitor=self._monitor,
            best_epoch=best.epoch,
            restored=self.spec.restore_best,
            reduced_after=_reduced_after(self.history),
            resumed_after=self._resumed,
        )
        return Trained(training, tuple(self.history), best if self.spec.restore_best else last[-1], frames)


def _rate_now(model: keras.Model) -> float:
    rate = model.optimizer.learning_rate
    # a variable of several replicas is no number to `float`
    return float(rate.numpy() if hasattr(rate, "numpy") else rate)


def _rate_of(model: keras.Model) -> Any:
    return getattr(getattr(model.optimizer, "inner_optimizer", model.optimizer), "_learning_rate", None)


def _reduced_after(history: Sequence[Epoch]) -> tuple[int, ...]:
    return tuple(
        one.epoch
        for one, following in itertools.pairwise(history)
        if one.phase == following.phase and (one.learning_rate or 0.0) > (following.learning_rate or 0.0) * (1 + 1e-6)
    )
