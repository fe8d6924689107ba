"""How a model's step really ran, whatever was asked: what the cell says of itself once its windows are over."""

from __future__ import annotations

import math
from collections import Counter

import keras
import tensorflow as tf

__all__ = ["layers_by_type", "long_bias_sums", "ran_under_xla"]

_WITH_BIAS = (
    keras.layers.Dense,
    keras.layers.EinsumDense,
    keras.layers.Conv1D,
    keras.layers.Conv2D,
    keras.layers.Conv3D,
    keras.layers.Conv1DTranspose,
    keras.layers.Conv2DTranspose,
    keras.layers.Conv3DTranspose,
    keras.layers.DepthwiseConv1D,
    keras.layers.DepthwiseConv2D,
)
_EXACT = 256
"""Ones that bfloat16 can count one after the other: it has eight binary digits."""


def ran_under_xla(model: keras.Model) -> bool:
    """Did XLA compile `model`'s training step?

    A `tf.function` with `jit_compile` is compiled whole or raises: it never runs half compiled. So XLA is lost only
    where no such function is made: Keras switches `jit_compile` off, with a warning, for layers that don't support it
    and for eager models; and code that makes TensorFlow run all functions eagerly switches it off for everyone.
    TensorFlow counts its compilations, but gives Python no way to read the count.
    """
    return bool(model.jit_compile) and not model.run_eagerly and not tf.config.functions_run_eagerly()


def layers_by_type(model: keras.Model) -> dict[str, int]:
    """How many of `model`'s layers that have weights compute in each type of number: `float32`, `float16` …"""
    layers = model._flatten_layers(include_self=False, recursive=True)
    return dict(Counter(str(layer.compute_dtype) for layer in layers if layer._trainable_variables))


def long_bias_sums(model: keras.Model, batch_size: int) -> dict[str, int]:
    """The layers, by name, whose biases' gradients are summed in bfloat16 over more terms than it can count, and over
    how many: the places of a batch's examples.

    TensorFlow 2.21.0 sums them so on a processor, one after the other, and what is added to a large sum is lost; not
    under XLA, nor in float16, nor where oneDNN computes a Conv2D.
    """
    found = {}
    for layer in model._flatten_layers(include_self=False, recursive=True):
        plain = isinstance(layer, keras.layers.Conv2D) and getattr(layer, "groups", 1) == 1
        bias = getattr(layer, "bias", None)
        if plain or not isinstance(layer, _WITH_BIAS) or bias is None or layer.compute_dtype != "bfloat16":
            continue
        try:
            values = math.prod(size or 1 for size in layer.output.shape[1:])
        except (AttributeError, ValueError):  # it is in no graph of layers, or in several
            continue
        terms = batch_size * values // math.prod(bias.shape)
        if terms > _EXACT and bias.trainable:
            found[layer.name] = terms
    return found
