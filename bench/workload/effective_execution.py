"""How a model's step really ran, whatever was asked: what the cell says of itself once its windows are over."""

from __future__ import annotations

from collections import Counter

import keras
import tensorflow as tf

__all__ = ["layers_by_type", "ran_under_xla"]


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
