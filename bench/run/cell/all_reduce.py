"""What summing gradients over devices costs: the cell's step with that and without, window by window in turns."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from bench.instruments.log_ratio import log_ratio
from bench.results.replication import AllReduce
from bench.results.window import Window
from bench.workload.model import StepModel
from bench.workload.shared_step import without_all_reduce
from bench.workload.training import train_steps

__all__ = ["all_reduce"]

_WARM_UP = 2
_FEWEST, _MOST = 6, 40
_LEAST_SECONDS, _MOST_SECONDS = 1.0, 6.0
_ERROR = 0.005
"""Standard error of the ratio that is enough."""


def all_reduce(
    model: StepModel, dataset: Any, steps: int, sync: Callable[[], None], keep: Callable[[Any], None]
) -> AllReduce:
    """Train the replicated `model` on, windows of `steps` each, with gradients summed and without, in turns.

    Both are the cell's own step, traced once each; which comes first changes from pair to pair, so that drift cancels.
    What is learnt without the sum differs by device: `model` is of no further use. Costs two traces and some seconds of
    windows; what it gives `keep` must live until the process ends. Raises AttributeError where this Keras's optimizer
    sums gradients in another way.
    """
    turns = _Turns(model, steps, sync)
    with without_all_reduce(model):
        pass  # does it have what is left out?
    keep(train_steps(model, dataset, turns.begin, turns.step))
    return AllReduce(reducing=tuple(turns.windows[True]), local=tuple(turns.windows[False]))


class _Turns:
    def __init__(self, model: StepModel, steps: int, sync: Callable[[], None]) -> None:
        self.windows: dict[bool, list[Window]] = {True: [], False: []}
        self._model, self._steps, self._sync = model, steps, sync
        self._functions: dict[bool, Any] = {}
        for reducing in (True, False):
            model.make_train_function(force=True)
            self._functions[reducing] = self._traced_as(model.train_function, reducing)
        self._order = [True, False]
        self._at, self._done, self._warm = 0, 0, 0
        self._mark = self._began = 0.0
        model.train_function = self._functions[True]

    def _traced_as(self, function: Callable[[Any], Any], reducing: bool) -> Callable[[Any], Any]:
        if reducing:
            return function

        def local(iterator: Any) -> Any:
            if self._warm >= 2 * _WARM_UP:
                return function(iterator)
            with without_all_reduce(self._model):
                return function(iterator)

        return local

    def begin(self) -> None:
        """The first step is about to be taken."""

    def step(self, steps: int) -> bool:
        """Another step is done; is one more wanted?"""
        if self._warm < 2 * _WARM_UP:
            self._warm += 1
            self._use(self._warm < _WARM_UP if self._warm < 2 * _WARM_UP else self._order[0])
            self._restart()
            self._began = self._mark
            return True
        self._done += steps
        if self._done < self._steps:
            return True
        self._sync()
        self.windows[self._order[self._at]].append(Window(self._done, time.perf_counter() - self._mark))
        self._at += 1
        if self._at == len(self._order):
            if self._enough():
                return False
            self._at = 0
            self._order.reverse()
        self._use(self._order[self._at])
        self._restart()
        return True

    def _use(self, reducing: bool) -> None:
        self._model.train_function = self._functions[reducing]

    def _restart(self) -> None:
        self._sync()
        self._done, self._mark = 0, time.perf_counter()

    def _enough(self) -> bool:
        pairs, seconds = len(self.windows[True]), time.perf_counter() - self._began
        if pairs >= _MOST or (seconds >= _MOST_SECONDS and pairs >= 2):
            return True
        if pairs < _FEWEST or seconds < _LEAST_SECONDS:
            return False
        return log_ratio(self.windows[False], self.windows[True])[1] <= _ERROR
