"""A network whose replicas sleep for each of their examples, and whose gradients take a known time to be summed."""

from __future__ import annotations

import time
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers


def _slept(x: Any, seconds: Any) -> Any:
    """`x`, so many seconds after it was there. No state, or TensorFlow would have the replicas sleep in turns."""

    def sleep(one: np.ndarray, how_long: np.ndarray) -> np.ndarray:
        time.sleep(float(how_long))
        return one

    one = tf.reshape(x, [-1])[0]
    done = tf.numpy_function(sleep, [one, tf.cast(seconds, tf.float32)], one.dtype, stateful=False)
    done.set_shape(())
    return x + (done - one)


class Sleeping(layers.Layer):
    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    def call(self, x: Any) -> Any:
        return _slept(x, self.seconds * tf.cast(tf.shape(x)[0], tf.float32))

    def compute_output_shape(self, shape: Any) -> Any:
        return shape


class SlowSum(keras.optimizers.SGD):
    """Takes `sum_seconds` to sum gradients over several devices."""

    def __init__(self, sum_seconds: float, **rest: Any) -> None:
        super().__init__(**rest)
        self.sum_seconds = sum_seconds

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "sum_seconds": self.sum_seconds}

    def _all_reduce_sum_gradients(self, pairs: Any) -> Any:
        pairs = list(super()._all_reduce_sum_gradients(pairs))
        if tf.distribute.get_strategy().num_replicas_in_sync == 1:
            return pairs
        (gradient, variable), *others = pairs
        return [(_slept(gradient, self.sum_seconds), variable), *others]


def build(input_shape: tuple[int, ...], classes: int, seconds: float, sum_seconds: float) -> keras.Model:
    """A network of one small layer, which sleeps `seconds` an example."""
    inputs = keras.Input(input_shape)
    x = layers.Flatten()(Sleeping(seconds)(inputs))
    model = keras.Model(inputs, layers.Dense(classes, activation="softmax")(x))
    model.compile(SlowSum(sum_seconds), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
