"""Exceptions in one line: as Keras and TensorFlow raise them."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from bench.support.exception_text import exception_summary, exception_text


def raised(call):
    with pytest.raises(Exception) as caught:  # noqa: PT011 - of whatever type
        call()
    return caught.value


def test_a_layer_that_cannot_take_its_input_says_why():
    error = raised(lambda: layers.MaxPooling2D(2)(keras.Input((1, 1, 3))))
    assert str(error).startswith("Exception encountered when calling")
    assert exception_summary(error).startswith("Computed output size would be zero or negative")
    assert not {"\n", "\x1b"} & set(exception_summary(error))


def test_what_a_graph_raises_while_it_runs_is_its_last_word():
    @tf.function(input_signature=[tf.TensorSpec([None])])
    def step(x):
        return tf.reshape(x, (2, 2))

    error = raised(lambda: step(tf.zeros(3)))
    assert str(error).startswith("Graph execution error:")
    assert exception_summary(error).startswith(
        "Input to reshape is a tensor with 3 values, but the requested shape has 4"
    )
    assert exception_text(error).startswith("InvalidArgumentError: Input to reshape")


def test_what_a_function_raises_while_it_is_traced_is_what_its_code_said():
    @tf.function
    def step(x):
        return tf.reshape(x, (2, 2))

    error = raised(lambda: step(tf.zeros(3)))
    assert str(error).startswith("in user code:")
    assert exception_summary(error).startswith("ValueError: Cannot reshape a tensor with 3 elements")


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_weights_that_are_missing_say_which(tmp_path):
    small = keras.Sequential([keras.Input((4,)), layers.Dense(2)])
    small.save_weights(tmp_path / "small.weights.h5")
    large = keras.Sequential([keras.Input((4,)), layers.Dense(2), layers.Dense(3)])
    told = exception_summary(raised(lambda: large.load_weights(tmp_path / "small.weights.h5")))
    assert "\n" not in told
    assert "dense" in told.casefold()


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (KeyError("x"), "KeyError: 'x'"),
        (ValueError(), "ValueError"),
        (ValueError("  one\n  two"), "ValueError: one"),
        (ValueError("what follows:\n\n  indented"), "ValueError: what follows:"),
        (np.exceptions.AxisError("axis 3"), "AxisError: axis 3"),
    ],
)
def test_plain_ones_are_their_first_line(error, shown):
    assert exception_text(error) == shown
