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


def averages_lost(input_shape, classes):
    """Finite while it is trained; what it predicts is no number, as after a step in float16 that was skipped."""
    lost = keras.layers.BatchNormalization(moving_mean_initializer=keras.initializers.Constant(float("nan")))
    layers = [keras.layers.Flatten(), lost, keras.layers.Dense(classes, activation="softmax")]
    return keras.Sequential([keras.Input(input_shape), *layers])
