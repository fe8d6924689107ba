"""Layers that stand in a network and are never run."""

from __future__ import annotations

from collections.abc import Iterator

import keras

from bench.errors import Fault, InputError

__all__ = ["check_layers_run"]


def check_layers_run(network: str, model: keras.Model) -> None:
    """Raise InputError where Keras passes over a layer of the model.

    Keras 3.15.1 does so, without a word, with a layer of a Sequential model whose `compute_output_spec` gives back the
    very tensor that it was given: the model's graph goes by tensors, and finds the layer before.
    """
    names = ", ".join(repr(layer.name) for layer in _passed_over(model))
    if names:
        raise InputError(
            Fault(
                f"{network} gave a model of which Keras never runs {names}",
                "compute_output_spec gives back what it was given: leave it out, or give "
                "keras.KerasTensor(inputs.shape, inputs.dtype)",
            )
        )


def _passed_over(model: keras.Model) -> Iterator[keras.layers.Layer]:
    if isinstance(model, keras.Sequential) and model.built and model.inputs:
        run = {id(one) for one in keras.Function(model.inputs, model.outputs).operations}
        yield from (layer for layer in model.layers if id(layer) not in run)
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _passed_over(layer)
