"""A live model on a live data set: timed as it is, and given back as it was."""

import time

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import bench
from bench.errors import InputError

REST = 0.02


class Resting(keras.Model):
    """Each step rests."""

    def train_step(self, data):
        def rest(values):
            time.sleep(REST)
            return values

        x, y = data
        x = tf.ensure_shape(tf.numpy_function(rest, [x], x.dtype), x.shape)
        return super().train_step((x, y))


def model(kind=keras.Model, **compiled):
    inputs = keras.Input((4,))
    made = kind(inputs, layers.Dense(1)(layers.Dense(8)(inputs)))
    made.compile(**({"optimizer": "adam", "loss": "mse"} | compiled))
    return made


def data(count=64, batch=16):
    x = np.random.default_rng(0).normal(size=(count, 4)).astype("float32")
    return tf.data.Dataset.from_tensor_slices((x, x.sum(1, keepdims=True))).batch(batch)


def test_its_own_step_is_timed_and_the_model_is_as_before():
    subject = model(Resting)
    subject.fit(data(), shuffle=False, verbose=0)
    weights = subject.get_weights()
    iterations = int(subject.optimizer.iterations)
    found = bench.measure(subject, data(), seconds=0.6, unit="rows")
    assert found.step_seconds > REST
    assert (found.examples, found.retraces) == (16, 0)
    assert found.examples_per_second == pytest.approx(16 / found.step_seconds)
    assert all((one == other).all() for one, other in zip(weights, subject.get_weights(), strict=True))
    assert int(subject.optimizer.iterations) == iterations
    assert "train_step" not in vars(subject)
    subject.fit(data(), shuffle=False, verbose=0)
    assert "rows a second" in str(found)
    assert found._repr_html_().startswith("<table>")


def test_one_that_was_never_called_is_given_back_untrained():
    made = keras.Sequential([layers.Dense(1, kernel_initializer="zeros")])
    made.compile("adam", "mse")
    bench.measure(made, data(), seconds=0.3, precision=0.9)
    assert [weight.numpy().sum() for weight in made.weights] == [0, 0]


def test_a_unit_of_ones_own():
    found = bench.measure(model(), data(), seconds=0.3, precision=0.9, unit={"numbers": 4})
    assert (found.examples, found.unit) == (64, "numbers")


def test_a_model_run_eagerly_is_never_traced():
    assert bench.measure(model(run_eagerly=True), data(), seconds=0.3).retraces == 0


def test_training_that_diverges_says_so():
    nan = data().map(lambda x, y: (x * float("nan"), y))
    assert "the loss became nan" in str(bench.measure(model(), nan, seconds=0.3))


def test_windows_become_a_frame_with_units():
    found = bench.measure(model(), data(), seconds=0.3)
    frame = found.frame()
    assert list(frame.columns) == ["steps", "seconds", "step_seconds"]
    assert len(frame) == len(found.windows)
    assert frame.attrs["units"]["seconds"] == "s"


def test_elements_of_any_structure():
    number, word = keras.Input((2,), name="number"), keras.Input((), dtype="string", name="word")
    words = layers.TextVectorization(output_mode="multi_hot", max_tokens=9)
    words.adapt(["one two", "three"])
    outputs = layers.Dense(1, activation="sigmoid")(layers.Concatenate()([number, words(word)]))
    towers = keras.Model({"number": number, "word": word}, outputs)
    towers.compile("sgd", "binary_crossentropy")
    element = ({"number": np.ones((40, 2), "float32"), "word": np.array(["one two"] * 40)}, np.ones((40, 1)))
    found = bench.measure(towers, tf.data.Dataset.from_tensor_slices(element).batch(8), seconds=0.3)
    assert (found.examples, len(found.windows) >= 3) == (8, True)


@pytest.mark.parametrize("jit_compile", [False, True])
def test_batches_of_changing_size_count_by_their_mean(jit_compile):
    found = bench.measure(model(jit_compile=jit_compile), data(count=24, batch=16), seconds=0.3)
    assert found.examples == pytest.approx(12, rel=0.05)


@pytest.mark.filterwarnings("ignore:Your input ran out of data")
def test_what_cannot_be_measured_is_one_clear_error():
    uncompiled = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
    wrong = tf.data.Dataset.from_tensor_slices((np.ones((32, 7), "float32"), np.ones((32, 1)))).batch(8)
    for subject, given, words in (
        (uncompiled, data(), "is not compiled; compile it first"),
        (model(), [1, 2], "the data set is a list; it must be a tf.data.Dataset"),
        ("vgg16", data(), "data is a _BatchDataset: that can't go to another process"),
        (model(), data().take(0), "the data set has no batch"),
        (model(), wrong, "can't be trained on elements of (float32 [batch, 7], float64 [batch, 1])"),
    ):
        with pytest.raises(InputError) as error:
            bench.measure(subject, given, seconds=0.2)
        assert words in str(error.value)
    for option in ({"seconds": 0}, {"seconds": float("nan")}, {"precision": 0}, {"precision": 1.5}):
        with pytest.raises(InputError, match=next(iter(option))):
            bench.measure(model(), data(), **option)
