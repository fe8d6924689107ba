"""A live model and a live data set, lent for a measurement and given back as they were."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import keras
import tensorflow as tf

from bench.errors import Fault, InputError
from bench.workload.elements import batch_size, element_text
from bench.workload.model import TraceLog
from bench.workload.training import built_on, remember

__all__ = ["Live"]


class Live:
    """`model` as it is trained on `dataset`, for as long as this is entered.

    While it is, `log` counts traces of the training step. Afterwards the model has the weights, the
    optimizer's state and the methods that it had. `dataset` repeats without an end; `element` describes one of its
    elements.

    Raises InputError where the model isn't a compiled Keras model or `dataset` isn't a tf.data.Dataset.
    """

    def __init__(self, model: Any, dataset: Any) -> None:
        if not isinstance(model, keras.Model):
            raise InputError(Fault(f"the model is a {type(model).__name__}", "it must be a keras.Model"))
        if not model.compiled:
            raise InputError(Fault(f"{model.name} is not compiled", "compile it first, as for its `fit`"))
        if not isinstance(dataset, tf.data.Dataset):
            hint = "it must be a tf.data.Dataset of batches, as `fit` takes it"
            raise InputError(Fault(f"the data set is a {type(dataset).__name__}", hint))
        self.dataset = dataset.repeat()
        self.element = element_text(dataset.element_spec)
        self.log = TraceLog()
        self._batch_size = batch_size(dataset.element_spec)
        self._model = model
        self._undo: Callable[[], None] = lambda: None

    def __enter__(self) -> Self:
        model, step = self._model, self._model.train_step

        def counted(data: Any) -> Any:
            with self.log.tracing():
                self.log.examples.see(data)
                return step(data)

        built_on(model, self.dataset)
        if getattr(model, "optimizer", None) is not None and model.built:
            self._undo = remember(model)
        self._own = vars(model).get("train_step")
        model.train_step = counted
        model.train_function = None
        return self

    def examples(self, steps: int) -> float | None:
        """Examples a step, the mean of the `steps` that were trained; None where elements have no batch dimension."""
        if self._batch_size is not None:
            return float(self._batch_size)
        return self.log.examples.mean(steps)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._own is None:
            del self._model.train_step
        else:
            self._model.train_step = self._own
        self._model.train_function = None
        self._undo()
