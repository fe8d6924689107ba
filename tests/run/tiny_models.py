"""A network that is quick to build."""

import keras

from tests.run import made_up_time


def dense(input_shape, classes):
    return keras.Sequential(
        [keras.Input(input_shape), keras.layers.Flatten(), keras.layers.Dense(classes, activation="softmax")]
    )


def timeless(input_shape, classes):
    """The same, whose steps take the time of a reading of the clock: see `made_up_time`."""
    made_up_time.begin()
    return dense(input_shape, classes)
