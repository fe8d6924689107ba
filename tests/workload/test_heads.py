"""What a network of the user's own may not end in."""

import keras
import pytest
from keras import layers

from bench.workload.networks.heads import head_fault, shape_fault

LOGITS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def network(*ends, compiled=None):
    model = keras.Sequential([keras.Input((6, 6, 3)), *ends])
    if compiled is not None:
        model.compile(loss=compiled)
    return model


def found(model, classes=5):
    compiled = model if model.compiled else None
    fault = shape_fault("mine", model.outputs, compiled, classes) or head_fault("mine", model, compiled)
    return None if fault is None else fault.what


FLAT = layers.Flatten


@pytest.mark.parametrize(
    "model",
    [
        network(FLAT(), layers.Dense(5, activation="softmax")),
        network(FLAT(), layers.Dense(100, activation="softmax")),
        network(FLAT(), layers.Dense(5), layers.Softmax()),
        network(FLAT(), layers.Dense(5), compiled=LOGITS),
        network(FLAT(), layers.Dense(5, activation="softmax"), compiled="sparse_categorical_crossentropy"),
        network(FLAT(), layers.Dense(1), compiled="mse"),  # what other losses want is the user's affair
        network(FLAT(), layers.Dense(3), compiled=keras.losses.CategoricalCrossentropy(from_logits=True)),
    ],
)
def test_all_is_well(model):
    assert found(model) is None


@pytest.mark.parametrize(
    ("model", "what"),
    [
        (network(FLAT(), layers.Dense(5)), "no probabilities, and its loss would take them for such"),
        (network(FLAT(), layers.Dense(5, activation="relu")), "no probabilities"),
        (network(FLAT(), layers.Dense(5), compiled="sparse_categorical_crossentropy"), "no probabilities"),
        (network(FLAT(), layers.Dense(5, activation="softmax"), compiled=LOGITS), "would apply another"),
        (network(FLAT(), layers.Dense(4, activation="softmax")), "mine gives 4 values an image, and the data has 5"),
        (network(layers.Dense(5, activation="softmax")), "mine gives 6×6×5 an image, and not a value for each class"),
    ],
)
def test_what_is_wrong_is_told(model, what):
    assert what in found(model)


def test_one_output_is_wanted():
    inputs = keras.Input((6, 6, 3))
    x = FLAT()(inputs)
    model = keras.Model(inputs, [layers.Dense(5, activation="softmax")(x), layers.Dense(5, activation="softmax")(x)])
    assert found(model) == "mine has 2 outputs"
