"""What a model's step was run by and in which types, whatever was asked."""

import keras
import pytest
import tensorflow as tf

from bench.workload.effective_execution import layers_by_type, long_bias_sums, ran_under_xla


def model(dtype=None, **compiled):
    layers = keras.layers
    inputs = keras.Input((4, 4, 1))
    inner = keras.Sequential([layers.Conv2D(2, 3, dtype=dtype), layers.Flatten()])
    outputs = layers.Dense(2, activation="softmax")(inner(inputs))
    whole = keras.Model(inputs, outputs)
    whole.compile(loss="sparse_categorical_crossentropy", **compiled)
    return whole


def test_xla_ran_where_keras_was_told_so_and_nothing_stood_against_it():
    assert ran_under_xla(model(jit_compile=True))
    assert not ran_under_xla(model(jit_compile=False))


def test_xla_did_not_run_where_functions_run_eagerly():
    compiled = model(jit_compile=True)
    tf.config.run_functions_eagerly(True)
    try:
        assert not ran_under_xla(compiled)
    finally:
        tf.config.run_functions_eagerly(False)
    with pytest.warns(UserWarning, match="Disabling"):
        assert not ran_under_xla(model(jit_compile=True, run_eagerly=True))


def test_layers_are_counted_by_what_they_compute_in_nested_ones_too():
    assert layers_by_type(model()) == {"float32": 2}
    assert layers_by_type(model("float64")) == {"float64": 1, "float32": 1}
    assert layers_by_type(model("mixed_float16")) == {"float16": 1, "float32": 1}


def test_layers_with_more_terms_of_a_bias_than_bfloat16_can_count_are_named():
    inputs = keras.Input((20, 8))
    layers = keras.layers
    over_places = layers.Dense(4, dtype="mixed_bfloat16", name="over_places")(inputs)
    without = layers.Dense(4, dtype="mixed_bfloat16", use_bias=False)(over_places)
    frozen = layers.Dense(4, dtype="mixed_bfloat16", trainable=False)(without)
    single = layers.Dense(4, dtype="float32")(frozen)
    inner = keras.Sequential([keras.Input((80,)), layers.Dense(3, dtype="mixed_bfloat16", name="inside")])
    model = keras.Model(inputs, inner(layers.Flatten()(single)))
    assert long_bias_sums(model, 16) == {"over_places": 320}
    assert long_bias_sums(model, 12) == {}
    assert long_bias_sums(model, 512) == {"over_places": 10_240, "inside": 512}


def test_so_are_convolutions_but_plain_ones_of_images():
    layers = keras.layers
    half = {"padding": "same", "dtype": "mixed_bfloat16"}
    inputs = keras.Input((8, 8, 4))
    found = layers.Conv2D(4, 3, name="plain", **half)(inputs)
    found = layers.Conv2D(4, 3, groups=2, name="grouped", **half)(found)
    found = layers.DepthwiseConv2D(3, name="depthwise", **half)(found)
    found = layers.SeparableConv2D(4, 3, name="separable", **half)(found)
    found = layers.Conv2DTranspose(4, 3, name="transposed", **half)(found)
    found = layers.Conv1D(6, 3, name="one", **half)(layers.Reshape((64, 4))(found))
    model = keras.Model(inputs, found)
    assert long_bias_sums(model, 16) == dict.fromkeys(("grouped", "depthwise", "transposed", "one"), 16 * 64)
