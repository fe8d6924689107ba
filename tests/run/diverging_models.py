"""Networks whose training, or compilation, can't be what was asked for."""

import keras
from keras import layers


def build(input_shape, classes):
    """Diverges: its rate is far too high."""
    model = keras.Sequential([keras.Input(input_shape), layers.Flatten(), layers.Dense(classes)])
    model.compile(keras.optimizers.SGD(1e38), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model


def not_compilable(input_shape, classes):
    """Holds a layer that Keras keeps out of XLA."""
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.RandomRotation(0.1),
            layers.Flatten(),
            layers.Dense(classes, activation="softmax"),
        ]
    )
