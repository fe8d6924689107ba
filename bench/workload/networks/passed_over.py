"""Layers that stand in a network and are never run."""

from __future__ import annotations

from collections.abc import Iterator

import keras

from bench.errors import Fault, InputError

__all__ = ["check_layers_run"]


def check_layers_run(network: str, model: keras.Model) -> None:
    """Raise InputError where Keras passes over a layer of the model.

    Keras 3.15.1 does so, without a word, with a layer of a Sequential model whose `compute_output_spec` gives back the
    very tensor that it was given, its own Equalization among them: the model's graph goes by tensors, and finds the
    layer before.
    """
    names = ", ".join(repr(layer.name) for layer in _passed_over(model))
    if names:
        raise InputError(
            Fault(
                f"{network} gave a model of which Keras never runs {names}",
                "compute_output_spec gives back what it was given: in a layer of your own leave that out, or give "
                "keras.KerasTensor(inputs.shape, inputs.dtype); Keras's own Equalization is one, and can't be used so",
            )
        )


def _passed_over(model: keras.Model) -> Iterator[keras.layers.Layer]:
    if _is_plain_sequential(model):
        try:
            run = {id(one) for one in keras.Function(model.inputs, model.outputs).operations}
        except (AttributeError, ValueError):  # it has no graph, and runs its layers one after the other
            run = {id(one) for one in model.layers}
        yield from (layer for layer in model.layers if id(layer) not in run)
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _passed_over(layer)


def _is_plain_sequential(model: keras.Model) -> bool:
    return isinstance(model, keras.Sequential) and model.built and type(model).call is keras.Sequential.call
