"""The rules of training, held against the callbacks whose names they bear."""

from __future__ import annotations

from types import SimpleNamespace

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.suite.recipe import EarlyStopping, ReduceOnPlateau
from bench.workload.rules import best_of, learning_rates, stops

MONITORS = st.sampled_from(["val_loss", "val_accuracy", "loss", "accuracy"])
# few different values, so that ties and plateaus come up
FIGURES = st.lists(st.integers(0, 6).map(lambda n: n / 4), min_size=1, max_size=25)


class Model:
    """As much of a model as the callbacks touch."""

    def __init__(self, rate):
        self.optimizer = SimpleNamespace(learning_rate=np.float64(rate))
        self.stop_training = False
        self.metrics = [SimpleNamespace(name="loss"), SimpleNamespace(name="accuracy")]
        self.weights = None

    def get_weights(self):
        return self.weights


def played(callback, values, monitor, rate=1.0):
    """The callback's model after each epoch, until it stops."""
    model = Model(rate)
    callback.set_model(model)
    callback.on_train_begin()
    callback._set_monitor_op = lambda: None
    callback.monitor_op = np.less if monitor.endswith("loss") else np.greater
    # as `MonitorCallback._set_monitor_op` does: an improvement is counted beyond min_delta
    if callback.monitor_op == np.less:
        callback.min_delta = -abs(callback.min_delta)
    for epoch, value in enumerate(values):
        model.weights = epoch
        callback.on_epoch_end(epoch, {monitor: value})
        yield float(model.optimizer.learning_rate), model.stop_training
        if model.stop_training:
            return


@given(FIGURES, MONITORS, st.integers(1, 4), st.sampled_from([0.0, 0.25, 0.3]))
def test_training_stops_where_keras_stops_it(values, monitor, patience, min_delta):
    rule = EarlyStopping(patience=patience, min_delta=min_delta)
    callback = keras.callbacks.EarlyStopping(monitor=monitor, patience=patience, min_delta=min_delta)
    theirs = [stopped for _, stopped in played(callback, values, monitor)]
    ours = [stops(values[:count], rule, monitor) for count in range(1, len(theirs) + 1)]
    assert ours == theirs


@given(
    FIGURES,
    MONITORS,
    st.integers(1, 4),
    st.sampled_from([0.0, 0.25]),
    st.integers(0, 3),
    st.sampled_from([0.0, 0.2, 1.0]),
)
def test_the_rate_is_what_keras_makes_of_it(values, monitor, patience, min_delta, cooldown, min_rate):
    settings = {"patience": patience, "min_delta": min_delta, "cooldown": cooldown, "factor": 0.5}
    callback = keras.callbacks.ReduceLROnPlateau(monitor=monitor, min_lr=min_rate, **settings)
    rule = ReduceOnPlateau(min_rate=min_rate, **settings)
    theirs = [rate for rate, _ in played(callback, values, monitor)]
    assert learning_rates(values, 1.0, rule, monitor) == pytest.approx(theirs)


@given(FIGURES, MONITORS)
def test_the_best_epoch_is_the_one_whose_weights_keras_restores(values, monitor):
    callback = keras.callbacks.EarlyStopping(monitor=monitor, patience=99, restore_best_weights=True)
    list(played(callback, values, monitor))
    assert best_of(values, monitor) == callback.best_epoch == callback.best_weights
