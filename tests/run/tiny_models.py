"""A network that is quick to build."""

import keras


def dense(input_shape, classes):
    return keras.Sequential(
        [keras.Input(input_shape), keras.layers.Flatten(), keras.layers.Dense(classes, activation="softmax")]
    )


def dropping(input_shape, classes):
    """The same with dropout: what it learns depends on which numbers are drawn."""
    layers = [keras.layers.Flatten(), keras.layers.Dropout(0.3), keras.layers.Dense(classes, activation="softmax")]
    return keras.Sequential([keras.Input(input_shape), *layers])


def timeless(input_shape, classes):
    """The same, whose steps take the time of a reading of the clock: see `made_up_time`."""
    from tests.run import made_up_time  # where this file is copied into a suite's folder, there is none

    made_up_time.begin()
    return dense(input_shape, classes)
