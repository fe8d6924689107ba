"""Training through Keras `fit`, since that is what the handout and the users run."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from bench.errors import Fault, InputError
from bench.workload.replication import build_beforehand

__all__ = [
    "DataEnded",
    "Figures",
    "Fitted",
    "build_optimizer",
    "built_on",
    "evaluate",
    "figures_of",
    "remember",
    "train_epochs",
    "train_steps",
    "variables_of",
]

ENDLESS = 2**31 - 1
ACCURACIES = ("accuracy", "acc", "sparse_categorical_accuracy", "categorical_accuracy", "binary_accuracy")
"""What Keras calls the share of images that are classified right, by what a model was compiled with."""
BEAT_SECONDS = 2.0
"""How often an epoch under way gives a sign: rare enough to cost nothing, and a long epoch is no hang."""


class _Leave(BaseException):
    """Leaves `fit` from within, keeping its frames, and with them its iterator, alive.

    `fit`'s own way out tears its iterator down, which waits for tf.data's autotuning thread: that sleeps for doubling
    periods, so that `fit` can return as late after its last batch as it ran. A cell has a process of its own, which
    ends without asking that thread. A BaseException, because Keras rewrites the traceback, and so drops the frames,
    of every Exception.
    """


@dataclass(frozen=True)
class Fitted:
    """Training that was left: the running loss and accuracy (0..1) of its last epoch, and the steps it took.

    A model that trains in a way of its own may tell of neither: None then. Holds `fit`'s frames: keep it until the
    process ends.
    """

    steps: int
    loss: float | None
    accuracy: float | None
    frames: BaseException


class DataEnded(InputError):  # noqa: N818 - an outcome of the user's own pipeline
    """A training pipeline gave nothing more, after so many `steps`."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        what = f"the data ended after {steps:,} steps, and gave nothing when it was read again"
        super().__init__(Fault(what, "its function must make a data set that can be read more than once"))


class _Stepper(keras.callbacks.Callback):
    def __init__(self, begin: Callable[[], None], step: Callable[[int], bool]) -> None:
        super().__init__()
        self.begin, self.step = begin, step
        self.done = 0
        self.logs: dict[str, Any] = {}

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.begin()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        # with several steps an execution Keras calls once an execution, with the index of its last batch
        steps = batch + 1 - self.done
        self.done = batch + 1
        if not self.step(steps):
            self.logs = dict(logs or {})
            raise _Leave


def train_steps(
    model: keras.Model, dataset: tf.data.Dataset, begin: Callable[[], None], step: Callable[[int], bool]
) -> Fitted:
    """Train on the endless `dataset` until `step` says so. Raises DataEnded where it has an end.

    `begin()` is called before the first batch is asked for; `step(n)` after each execution, with the steps it ran:
    dispatched, on a GPU not necessarily done. It returns False to end.
    """
    build_beforehand(model, dataset.element_spec)
    stepper = _Stepper(begin, step)
    try:
        model.fit(dataset, epochs=1, steps_per_epoch=ENDLESS, verbose=0, shuffle=False, callbacks=[stepper])
    except _Leave as leave:
        logs = stepper.logs
        return Fitted(stepper.done, _figure(logs, ("loss",)), _figure(logs, ACCURACIES), leave)
    raise DataEnded(stepper.done)


class _EpochTimer(keras.callbacks.Callback):
    """Times epochs from within, batch end to batch end: what surrounds them waits for other threads.

    Where the pipeline `passes_over` batches before the first, that epoch is timed without its first execution, which
    waits for that, and taken for as long as the rest of it says; one that has no rest is timed as it is.
    """

    def __init__(
        self,
        steps: int,
        done: Callable[[dict[str, Any]], bool],
        beat: Callable[[int], None],
        passes_over: bool,
    ) -> None:
        super().__init__()
        self.steps, self.done, self.beat, self.passes_over = steps, done, beat, passes_over
        self.began = self.ended = self.tested = self.beaten = 0.0
        self.untimed = 0

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.began = self.beaten = time.perf_counter()
        self.untimed = 0

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if self.passes_over:
            self.passes_over = False
            if batch + 1 < self.steps:
                tf.test.experimental.sync_devices()
                self.began, self.untimed = time.perf_counter(), batch + 1
        if batch + 1 >= self.steps:
            tf.test.experimental.sync_devices()
            self.ended = time.perf_counter()
        self._tell(batch + 1)

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self.tested = time.perf_counter()
        self._tell(self.steps)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        figures = _numbers(logs or {})
        tested = self.tested > self.ended
        go_on = self.done(
            {
                "epoch": epoch + 1,
                "steps": self.steps,
                "seconds": (self.ended - self.began) * (self.steps / (self.steps - self.untimed)),
                "val_seconds": self.tested - self.ended if tested else None,
                **{name: figures.get(name) for name in ("loss", "val_loss")},
                "accuracy": _figure(figures, ACCURACIES),
                "val_accuracy": _figure(figures, [f"val_{name}" for name in ACCURACIES]),
            }
        )
        if not go_on:
            raise _Leave

    def _tell(self, steps: int) -> None:
        now = time.perf_counter()
        if now - self.beaten >= BEAT_SECONDS:
            self.beaten = now
            self.beat(steps)


def built_on(model: keras.Model, dataset: tf.data.Dataset) -> None:
    """Give a model that is made layer by layer as it is called its variables, by calling it on one batch of `dataset`;
    one that can't be called so gets them in its first step."""
    if model.built:
        return
    for element in dataset.take(1):
        with suppress(Exception):  # code of the user's own
            model(keras.utils.unpack_x_y_sample_weight(element)[0], training=False)


def build_optimizer(model: keras.Model) -> None:
    """Give the optimizer its variables, if it has none yet: under mixed float16 Keras's makes new ones for the scale of
    the loss whenever it is asked, and a step that is traced goes on with the old ones."""
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)


def variables_of(model: keras.Model) -> list[Any]:
    """All that training `model` changes, in a fixed order: weights, statistics, optimizer, seeds."""
    build_optimizer(model)
    return list({id(variable): variable for variable in (*model.variables, *model.optimizer.variables)}.values())


def remember(model: keras.Model) -> Callable[[], None]:
    """Remember all that training `model` changes: see `variables_of`. The result undoes it."""
    variables = variables_of(model)
    values = [variable.numpy() for variable in variables]

    def undo() -> None:
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)

    return undo


def train_epochs(
    model: keras.Model,
    dataset: tf.data.Dataset,
    held_out: tf.data.Dataset | None,
    steps: int,
    done: Callable[[dict[str, Any]], bool],
    *,
    first: int = 0,
    passes_over: bool = False,
    beat: Callable[[int], None] = lambda _steps: None,
) -> BaseException:
    """Train epochs of `steps` each, validating on `held_out` after each, until `done` says so: it gets each epoch's
    figures and gives whether another is wanted. `first` epochs have been before; `dataset` `passes_over` their batches
    where it is the same pipeline that gave these, which is in no epoch's time.

    `beat(steps)` is called every few seconds within an epoch. Gives back what must be kept until the process ends
    (see `Fitted`).
    """
    build_beforehand(model, dataset.element_spec)
    try:
        model.fit(
            dataset,
            epochs=ENDLESS,
            initial_epoch=first,
            steps_per_epoch=steps,
            validation_data=held_out,
            verbose=0,
            shuffle=False,  # the pipeline has shuffled already, and Keras would warn
            callbacks=[_EpochTimer(steps, done, beat, passes_over)],
        )
    except _Leave as leave:
        return leave
    raise RuntimeError("training ended before its last epoch")


def _numbers(logs: Mapping[str, Any]) -> dict[str, float]:
    """Those that are one number each: a user's own metric may be anything."""
    return {
        name: float(value)
        for name, value in logs.items()
        if not isinstance(value, Mapping | str) and np.ndim(value) == 0
    }


def _figure(logs: Mapping[str, Any], names: Sequence[str]) -> float | None:
    """The first of these that there is as one number."""
    numbers = _numbers(logs)
    return next((numbers[name] for name in names if name in numbers), None)


@dataclass(frozen=True)
class Figures:
    """What a model tells of a data set: its loss, its accuracy (0..1), None for what it doesn't tell of, and all of its
    metrics that are one number each, by name, its loss among them."""

    loss: float | None
    accuracy: float | None
    every: Mapping[str, float]


def evaluate(model: keras.Model, dataset: tf.data.Dataset) -> Figures:
    """Judge `model` on all of `dataset`.

    Without XLA: for one pass, compiling costs more than it saves.
    """
    model.jit_compile = False
    return figures_of(model, dataset)


def figures_of(model: keras.Model, dataset: tf.data.Dataset) -> Figures:
    """The same of a model that is being trained, as it is compiled."""
    found = model.evaluate(dataset, verbose=0, return_dict=True)
    return Figures(_figure(found, ("loss",)), _figure(found, ACCURACIES), _numbers(found))
