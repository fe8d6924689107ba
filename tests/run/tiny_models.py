"""A network that is quick to build."""

import time

import keras
import tensorflow as tf


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


class Waiting(keras.Model):
    """Trains in a way of its own: each step waits first."""

    def train_step(self, data):
        def rest(images):
            time.sleep(0.05)
            return images

        images, labels = data
        images = tf.ensure_shape(tf.numpy_function(rest, [images], images.dtype), images.shape)
        return super().train_step((images, labels))


def waiting(input_shape, classes):
    inputs = keras.Input(input_shape)
    x = keras.layers.Dense(classes, activation="softmax")(keras.layers.Flatten()(inputs))
    model = Waiting(inputs, x)
    model.compile(optimizer="sgd", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


class OfItsOwn(keras.Model):
    """A class with a loss of its own, not compiled."""

    def __init__(self, classes):
        super().__init__()
        self.flat, self.head = keras.layers.Flatten(), keras.layers.Dense(classes, activation="softmax")

    def call(self, images):
        return self.head(self.flat(images))

    def compute_loss(self, *args, **kwargs):
        return 100 + super().compute_loss(*args, **kwargs)


def of_its_own(input_shape, classes):
    return OfItsOwn(classes)


def without_accuracy(input_shape, classes):
    model = dense(input_shape, classes)
    model.compile(loss="sparse_categorical_crossentropy", metrics=[keras.metrics.SparseTopKCategoricalAccuracy(2)])
    return model
