"""The two halves of training apart: batches drawn from a pipeline with no step, and steps with no pipeline."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from bench.results.record import Window
from bench.workload.model import Feed, StepModel
from bench.workload.training import Fitted, train_steps

__all__ = ["Drawing", "Held", "train_held"]


class Drawing:
    """Batches drawn from an endless `dataset`, one after the other, and thrown away.

    The drawing loop runs inside TensorFlow, as it does in Keras's compiled step: drawn from Python, each batch would
    cost some 50 µs more. Holds the iterator, whose tear-down can wait for tf.data's autotuning thread: keep it until
    the process ends.
    """

    def __init__(self, dataset: tf.data.Dataset) -> None:
        self._iterator = iter(dataset)

    def draw(self, batches: int) -> None:
        """Draw that many, and wait until they are there, in main memory."""
        int(_draw(self._iterator, tf.constant(batches)))

    def fill(self, batches: int, seconds: float) -> tuple[Window, float]:
        """Draw `batches` one by one, or what comes within `seconds`: all but one, and seconds a batch of the last.

        The first isn't timed: it traces, and fills the shuffle buffer.
        """
        self.draw(1)
        began = time.perf_counter()
        times = [began]
        while len(times) < max(2, batches) and (len(times) < 2 or times[-1] - began < seconds):
            self.draw(1)
            times.append(time.perf_counter())
        last = times[-min(10, len(times)) :]
        return Window(len(times) - 1, times[-1] - began), (last[-1] - last[0]) / (len(last) - 1)

    def batch(self) -> Any:
        """One more batch, as the training step gets it."""
        return self._iterator.get_next()


@tf.function(autograph=False)  # type: ignore[untyped-decorator]
def _draw(iterator: Any, batches: Any) -> Any:
    def another(drawn: Any) -> tuple[Any]:
        iterator.get_next()
        return (drawn + 1,)

    # one at a time, as a training step does
    (drawn,) = tf.while_loop(lambda drawn: drawn < batches, another, (tf.constant(0),), parallel_iterations=1)
    return drawn


class Held:
    """One batch that lies in the device's memory, and is all that a model is fed: see `bench.workload.model.Feed`.

    `feed` is what the cell takes its batches from. Where that is the device already, `batch` holds indices, and
    gathering them stays part of the step.
    """

    def __init__(self, batch: Any, feed: Feed | None) -> None:
        with tf.device("/GPU:0" if tf.config.list_logical_devices("GPU") else "/CPU:0"):
            self._batch = tf.nest.map_structure(tf.identity, batch)
        self._feed = feed

    def batch(self, _: Any) -> Any:
        """The batch, whatever the pipeline carries."""
        return self._batch if self._feed is None else self._feed.batch(self._batch)


def train_held(
    model: StepModel, held: Held, execution: int, xla: bool, begin: Callable[[], None], step: Callable[[int], bool]
) -> Fitted:
    """Train on `held` with `execution` steps in each call of the compiled function, until `step` says so.

    The same Keras `fit` and the same step as the cell's own, compiled anew, since another source of batches is another
    function; what the pipeline still carries is one number. Leaves `model` as it is then: of no further use.
    """
    model.trace_log.feed = held
    model.jit_compile = xla  # an evaluation before has turned it off
    model.steps_per_execution = execution
    model.make_train_function(force=True)
    plain = tf.data.Options()
    plain.autotune.enabled = False
    return train_steps(model, tf.data.Dataset.from_tensors(0).repeat().with_options(plain), begin, step)
