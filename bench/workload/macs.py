"""Multiply-adds of a network, an image: of its forward pass, and of a training step. Read off its own layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import keras
from keras import layers

from bench.said import said
from bench.workload.products import contracted, traced_macs

__all__ = ["Macs", "count_macs"]

_NO_PRODUCTS = tuple(
    f"keras.src.layers.{kind}."
    for kind in (
        *("activations", "merging", "normalization", "pooling", "preprocessing", "regularization", "reshaping"),
        *("core.embedding", "core.identity", "core.input_layer", "core.masking"),
    )
)
"""Modules of Keras whose layers, but for wrappers and `Dot`, neither convolve nor multiply matrices."""

Shape = tuple[int, ...]


def _dense(layer: Any, _: Shape, given: Shape) -> int:
    return prod(given) * int(layer.kernel.shape[0])


def _einsum(layer: Any, taken: Shape, given: Shape) -> int:
    return prod(given) * contracted(layer.equation, taken, tuple(layer.kernel.shape))


def _convolution(layer: Any, _: Shape, given: Shape) -> int:
    # its kernel is (…, in / groups, out)
    return int(prod(given) * prod(layer.kernel.shape[:-1]))


def _depthwise(layer: Any, _: Shape, given: Shape) -> int:
    return int(prod(given) * prod(layer.kernel.shape[:-2]))


def _separable(layer: Any, _: Shape, given: Shape) -> int:
    return int(prod(given) // layer.filters * (prod(layer.depthwise_kernel.shape) + prod(layer.pointwise_kernel.shape)))


def _transposed(layer: Any, taken: Shape, _: Shape) -> int:
    # its kernel is (…, out, in)
    return int(prod(taken) * prod(layer.kernel.shape[:-1]))


def _recurrent(layer: Any, taken: Shape, _: Shape) -> int:
    return int(taken[1] * (prod(layer.cell.kernel.shape) + prod(layer.cell.recurrent_kernel.shape)))


_FORMULAS: Mapping[type, Callable[[Any, Shape, Shape], int]] = {
    layers.Dense: _dense,
    layers.EinsumDense: _einsum,
    **dict.fromkeys((layers.Conv1D, layers.Conv2D, layers.Conv3D), _convolution),
    **dict.fromkeys((layers.DepthwiseConv1D, layers.DepthwiseConv2D), _depthwise),
    **dict.fromkeys((layers.SeparableConv1D, layers.SeparableConv2D), _separable),
    **dict.fromkeys((layers.Conv1DTranspose, layers.Conv2DTranspose, layers.Conv3DTranspose), _transposed),
    **dict.fromkeys((layers.LSTM, layers.GRU, layers.SimpleRNN), _recurrent),
}
"""Multiply-adds of one call from the shapes (1, …) that a layer takes and gives. Other layers are traced."""


@dataclass(frozen=True)
class Macs:
    """Multiply-adds of one image, each two floating-point operations; both None where they can't be told, and why."""

    forward: int | None
    training: int | None
    absent: str | None = None


def count_macs(model: keras.Model) -> Macs:
    """Multiply-adds of one image through every call of every layer of `model`. Builds graphs where need be, runs none.

    Forward: convolutions, dense layers, attention and whatever else convolves or multiplies matrices. Activations,
    normalisation, pooling and biases are left out, as in the published figures (VGG16 at 224×224: 15.5 G).

    Training: backward is twice forward and nothing is computed again (Chowdhery et al. 2022, *PaLM*, appendix B), so a
    network that is trained as a whole takes three times its forward pass. Of one that is trained in part, a layer
    takes its forward pass once, once more for the gradient of its weights if it is trained, and once more for that of
    its input if it or any layer before it is trained.
    """
    if any(size is None for tensor in model.inputs for size in tensor.shape[1:]):
        return Macs(None, None, "the network takes images of any size")
    walk = _Walk()
    inputs = [keras.KerasTensor((1, *tensor.shape[1:]), tensor.dtype) for tensor in model.inputs]
    try:
        walk.through(model, inputs)
    except _UnclearError as error:
        return Macs(None, None, str(error))
    except Exception as error:  # an instrument never ends what it watches
        return Macs(None, None, f"the network can't be followed layer by layer: {said(error)}")
    return Macs(walk.forward, walk.training)


class _UnclearError(Exception):
    """A layer's multiply-adds can't be told."""


class _Walk:
    """Passes shapes through a model, adding up what each layer takes. `trained` are tensors that need a gradient."""

    def __init__(self) -> None:
        self.forward = self.training = 0
        self.trained: dict[int, Any] = {}  # by identity; held, so that no other tensor gets the same

    def through(self, model: Any, inputs: Sequence[Any]) -> Any:
        return model._run_through_graph(inputs, operation_fn=self._visitor)

    def _visitor(self, operation: Any) -> Callable[..., Any]:
        return lambda *args, **kwargs: self._visit(operation, args, kwargs)

    def _visit(self, operation: Any, args: Any, kwargs: Any) -> Any:
        inner = operation._functional if isinstance(operation, keras.Sequential) else operation
        taken = [one for one in keras.tree.flatten((args, kwargs)) if isinstance(one, keras.KerasTensor)]
        if hasattr(inner, "_run_through_graph"):
            return self.through(inner, taken)
        given = operation.compute_output_spec(*args, **kwargs)
        macs = _macs(operation, given, *args, **kwargs)
        needing = sum(id(tensor) in self.trained for tensor in taken)
        trained = bool(getattr(operation, "trainable_weights", ()))
        if trained or needing:
            self.trained |= {id(tensor): tensor for tensor in keras.tree.flatten(given)}
        # a product without weights of its own has a gradient for each factor that needs one
        factors = 1 if getattr(operation, "weights", ()) else 2
        self.forward += macs
        self.training += macs * (1 + (2 if trained else min(needing, factors)))
        return given


def _macs(layer: Any, given: Any, *args: Any, **kwargs: Any) -> int:
    """Multiply-adds of one call with Keras tensors. Raises _UnclearError where they can't be told."""
    kind = type(layer)
    if kind.__module__.startswith(_NO_PRODUCTS) and not isinstance(layer, layers.Wrapper | layers.Dot):
        return 0
    if kind in _FORMULAS:
        return int(_FORMULAS[kind](layer, tuple(args[0].shape), tuple(given.shape)))
    if kind is layers.TimeDistributed:
        steps = args[0].shape[1]
        taken, gives = (keras.KerasTensor((1, *tensor.shape[2:]), tensor.dtype) for tensor in (args[0], given))
        return int(steps * _macs(layer.layer, gives, taken))
    if kind is layers.Bidirectional:
        return sum(_macs(one, args[0], args[0]) for one in (layer.forward_layer, layer.backward_layer))
    macs, why = traced_macs(layer, *args, **kwargs)
    if macs is None:
        raise _UnclearError(f"multiply-adds of layer {layer.name} ({kind.__name__}) can't be told: {why}")
    return macs
