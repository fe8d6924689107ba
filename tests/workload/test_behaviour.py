"""Which models of the user's own are trained themselves, and which as networks built anew."""

import keras
import pytest
from keras import layers

from bench.workload.networks.behaviour import own_behaviour


class Stepping(keras.Model):
    def train_step(self, data):
        return super().train_step(data)


class Losing(keras.Sequential):
    def compute_loss(self, *args, **kwargs):
        return super().compute_loss(*args, **kwargs)


class Plain(keras.Model):
    """A class that changes nothing of its training."""


def made(kind=keras.Model, **compiled):
    inputs = keras.Input((4,))
    if issubclass(kind, keras.Sequential):
        model = kind([inputs, layers.Dense(2)])
    else:
        model = kind(inputs, layers.Dense(2)(inputs))
    if compiled:
        model.compile(loss="mse", **compiled)
    return model


@pytest.mark.parametrize(
    ("model", "own"),
    [
        (made(), ()),
        (made(keras.Sequential), ()),
        (made(Plain), ()),
        (made(optimizer="sgd"), ()),
        (made(Stepping), ("train_step",)),
        (made(Losing), ("compute_loss",)),
        (made(metrics=["mae"]), ("metrics",)),
        (made(loss_weights=[2.0]), ("loss_weights",)),
        (made(run_eagerly=True), ("run_eagerly",)),
        (made(steps_per_execution=4), ("steps_per_execution",)),
    ],
)
def test_what_is_its_own(model, own):
    assert own_behaviour(model) == own
