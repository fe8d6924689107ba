"""Multiply-adds of a network, an image: of its forward pass, and of a training step. Read off its own layers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple

import keras
from keras import layers

from bench.support.exception_text import exception_text
from bench.workload.graph_macs import contracted, traced_macs

__all__ = ["Call", "Followed", "Macs", "count_macs", "follow"]

_NO_PRODUCTS = tuple(
    f"keras.src.layers.{kind}."
    for kind in (
        *("activations", "merging", "normalization", "pooling", "preprocessing", "regularization", "reshaping"),
        *("core.embedding", "core.identity", "core.input_layer", "core.masking"),
    )
)
"""Modules of Keras whose layers, but for wrappers and `Dot`, neither convolve nor multiply matrices."""

Shape = tuple[int, ...]


class _Work(NamedTuple):
    """Multiply-adds of a layer's call: of its products with what it takes, and of those within, with what it makes."""

    outer: int
    inner: int = 0

    @property
    def forward(self) -> int:
        return self.outer + self.inner

    def __add__(self, other: Any) -> _Work:
        return _Work(self.outer + other.outer, self.inner + other.inner)

    def times(self, count: int) -> _Work:
        return _Work(self.outer * count, self.inner * count)

    def backward(self, *, trained: bool, needed: bool) -> int:
        """Of the gradients of its weights, if it is `trained`, and of what it takes, if that is `needed`."""
        weights = self.forward if trained else 0
        return weights + (self.forward if needed else self.inner if trained else 0)


def _dense(layer: Any, _: Shape, given: Shape) -> _Work:
    return _Work(prod(given) * int(layer.kernel.shape[0]))


def _einsum(layer: Any, taken: Shape, given: Shape) -> _Work:
    return _Work(prod(given) * contracted(layer.equation, taken, tuple(layer.kernel.shape)))


def _convolution(layer: Any, _: Shape, given: Shape) -> _Work:
    # its kernel is (…, in / groups, out)
    return _Work(prod(given) * prod(layer.kernel.shape[:-1]))


def _depthwise(layer: Any, _: Shape, given: Shape) -> _Work:
    return _Work(prod(given) * prod(layer.kernel.shape[:-2]))


def _separable(layer: Any, _: Shape, given: Shape) -> _Work:
    places = prod(given) // layer.filters
    return _Work(places * prod(layer.depthwise_kernel.shape), places * prod(layer.pointwise_kernel.shape))


def _transposed(layer: Any, taken: Shape, _: Shape) -> _Work:
    # its kernel is (…, out, in)
    return _Work(prod(taken) * prod(layer.kernel.shape[:-1]))


def _recurrent(layer: Any, taken: Shape, _: Shape) -> _Work:
    steps = taken[0] * taken[1]
    return _Work(steps * prod(layer.cell.kernel.shape), steps * prod(layer.cell.recurrent_kernel.shape))


def _recurrent_convolution(layer: Any, taken: Shape, given: Shape) -> _Work:
    # its states have the places of what it gives, at every step
    places = taken[0] * taken[1] * prod(given) // layer.cell.filters // given[0]
    places //= taken[1] if layer.return_sequences else 1
    return _Work(places * prod(layer.cell.kernel.shape), places * prod(layer.cell.recurrent_kernel.shape))


_FORMULAS: Mapping[type, Callable[[Any, Shape, Shape], _Work]] = {
    layers.Dense: _dense,
    layers.EinsumDense: _einsum,
    **dict.fromkeys((layers.Conv1D, layers.Conv2D, layers.Conv3D), _convolution),
    **dict.fromkeys((layers.DepthwiseConv1D, layers.DepthwiseConv2D), _depthwise),
    **dict.fromkeys((layers.SeparableConv1D, layers.SeparableConv2D), _separable),
    **dict.fromkeys((layers.Conv1DTranspose, layers.Conv2DTranspose, layers.Conv3DTranspose), _transposed),
    **dict.fromkeys((layers.LSTM, layers.GRU, layers.SimpleRNN), _recurrent),
    **dict.fromkeys((layers.ConvLSTM1D, layers.ConvLSTM2D, layers.ConvLSTM3D), _recurrent_convolution),
}
"""The work of one call from the shapes (batch, …) that a layer takes and gives. Other layers are traced."""


@dataclass(frozen=True)
class Macs:
    """Multiply-adds of one image, each two floating-point operations; both None where they can't be determined, and
    why."""

    forward: int | None
    training: int | None
    absent: str | None = None


@dataclass(frozen=True)
class Call:
    """One call of a layer, or of an operation between layers, that stands `within` models of these names.

    `takes` are the places of the calls whose results it takes: inputs have the first ones. `shapes` and `dtype` are of
    what it gives, the batch's dimension left out. `macs` are multiply-adds an image; None: they can't be determined, or
    weren't asked for.
    """

    operation: Any
    within: tuple[str, ...]
    takes: tuple[int, ...]
    shapes: tuple[tuple[int | None, ...], ...]
    dtype: str
    macs: float | None


@dataclass(frozen=True)
class Followed:
    """A network followed call by call, and its multiply-adds; `outputs` are the places of the calls that give its own.

    No `calls`: it can't be followed, and `why`.
    """

    macs: Macs
    calls: tuple[Call, ...] = ()
    outputs: tuple[int, ...] = ()
    why: str | None = None


def count_macs(model: keras.Model, batch_size: int = 1) -> Macs:
    """Multiply-adds of one image of a batch through every call of every layer of `model`: see `follow`."""
    return follow(model, batch_size).macs


def follow(model: keras.Model, batch_size: int = 1) -> Followed:
    """Every call of every layer of `model`, and the multiply-adds of one image of a batch through them. Builds graphs
    where need be, runs none.

    Forward: convolutions, dense layers, attention and whatever else convolves or multiplies matrices. Activations,
    normalisation, pooling and biases are left out, as in the published figures (VGG16 at 224×224: 15.5 G).

    Training: the forward pass; as much again for the gradient of each layer's weights, if it is trained; and once more
    for that of what it takes, if any layer before it is trained. Backward is so nearly twice forward (Chowdhery et al.
    2022, *PaLM*, appendix B), and less by the input's gradient of the first layer trained, which is never computed.
    Nothing else is computed again.

    What a layer multiplies once a batch, such as the factors of a low-rank adapter, is shared by `batch_size` images.
    """
    sequential = isinstance(model, keras.Sequential)
    graph = model._functional if sequential else model
    if not hasattr(graph, "_run_through_graph"):
        what = "can't be followed layer by layer"
        unknown = (
            f"{type(model).__name__} isn't built yet" if sequential else f"{type(model).__name__} is a class of its own"
        )
        return _lost(f"{unknown}, and {what}")
    open_sizes = any(size is None for tensor in model.inputs for size in tensor.shape[1:])
    walk = _Walk(batch_size, counts=not open_sizes)
    inputs = [keras.KerasTensor((batch_size, *tensor.shape[1:]), tensor.dtype) for tensor in model.inputs]
    try:
        walk.begin(graph, inputs)
    except Exception as error:  # an instrument never ends what it watches
        return _lost(walk.absent or f"the network can't be followed layer by layer: {exception_text(error)}")
    macs = Macs(round(walk.forward / batch_size), round(walk.training / batch_size))
    if open_sizes:
        macs = Macs(None, None, "the network takes images of any size")
    elif walk.absent is not None:
        macs = Macs(None, None, walk.absent)
    return Followed(macs, tuple(walk.calls), walk.outputs)


def _lost(why: str) -> Followed:
    return Followed(Macs(None, None, why), why=why)


class _UnclearError(Exception):
    """A layer's multiply-adds can't be determined."""


class _Walk:
    """Passes shapes through a model, adding up what each layer takes. `trained` are tensors that need a gradient.

    `absent` is why what was added up isn't all: the first layer whose multiply-adds can't be determined. Unless it
    `counts`, shapes may have sizes that aren't known, and nothing is added up.
    """

    def __init__(self, batch_size: int, *, counts: bool) -> None:
        self.forward = self.training = 0
        self.absent: str | None = None
        self.calls: list[Call] = []
        self.outputs: tuple[int, ...] = ()
        self._batch_size, self._counts = batch_size, counts
        self._within: tuple[str, ...] = ()
        self._made: dict[int, int] = {}  # by identity, the place of the call that gave it
        self._held: list[Any] = []  # so that no other tensor gets the same identity
        self._trained: set[int] = set()

    def begin(self, model: Any, inputs: Sequence[Any]) -> None:
        """Follow the whole model."""
        layers_of = {id(layer.output): layer for layer in model.layers if isinstance(layer, layers.InputLayer)}
        for symbolic, tensor in zip(model.inputs, inputs, strict=True):
            self._note(layers_of.get(id(symbolic), symbolic), (), tensor, 0)
        given = self.through(model, inputs)
        self.outputs = tuple(dict.fromkeys(self._made[id(tensor)] for tensor in keras.tree.flatten(given)))

    def through(self, model: Any, inputs: Sequence[Any]) -> Any:
        return model._run_through_graph(inputs, operation_fn=self._visitor)

    def _visitor(self, operation: Any) -> Callable[..., Any]:
        return lambda *args, **kwargs: self._visit(operation, args, kwargs)

    def _visit(self, operation: Any, args: Any, kwargs: Any) -> Any:
        inner = operation._functional if isinstance(operation, keras.Sequential) else operation
        taken = [one for one in keras.tree.flatten((args, kwargs)) if isinstance(one, keras.KerasTensor)]
        if hasattr(inner, "_run_through_graph"):
            before, self._within = self._within, (*self._within, operation.name)
            given = self.through(inner, taken)
            self._within = before
            return given
        given = _given(operation, args, kwargs) if self._counts else operation.compute_output_spec(*args, **kwargs)
        self._note(operation, taken, given, self._add(operation, args, kwargs, given) if self._counts else None)
        return given

    def _note(self, operation: Any, taken: Sequence[Any], given: Any, macs: int | None) -> None:
        flat = [one for one in keras.tree.flatten(given) if isinstance(one, keras.KerasTensor)]
        self._made |= {id(tensor): len(self.calls) for tensor in flat}
        self._held += flat
        takes = dict.fromkeys(self._made[id(tensor)] for tensor in taken if id(tensor) in self._made)
        shapes = tuple(tuple(tensor.shape[1:]) for tensor in flat)
        dtype = str(flat[0].dtype) if flat else ""
        image = (
            None
            if macs is None
            else macs // self._batch_size
            if macs % self._batch_size == 0
            else macs / self._batch_size
        )
        self.calls.append(Call(operation, self._within, tuple(takes), shapes, dtype, image))

    def _add(self, operation: Any, args: Any, kwargs: Any, given: Any) -> int | None:
        """Add up a call's multiply-adds, and give those of its forward pass; None where they can't be determined."""
        taken = [one for one in keras.tree.flatten((args, kwargs)) if isinstance(one, keras.KerasTensor)]
        needed = {id(tensor) for tensor in taken if id(tensor) in self._trained}
        weights = list(getattr(operation, "trainable_weights", ()))
        if weights or needed:
            self._trained |= {id(tensor) for tensor in keras.tree.flatten(given)}
        try:
            if (work := _work(operation, args, given)) is not None:
                forward = work.forward
                training = forward + work.backward(trained=bool(weights), needed=bool(needed))
            else:
                forward = _traced(operation, args, kwargs)
                # nothing multiplied, nothing to differentiate, and tracing takes its time
                differentiated = forward and (weights or needed) and self.absent is None
                training = _traced(operation, args, kwargs, weights, needed) if differentiated else forward
        except _UnclearError as error:
            self.absent = self.absent or str(error)
            return None
        self.forward += forward
        self.training += training
        return forward


def _given(operation: Any, args: Any, kwargs: Any) -> Any:
    """What a layer's call gives, as Keras tensors whose sizes are known."""
    given = operation.compute_output_spec(*args, **kwargs)
    if all(None not in tensor.shape for tensor in keras.tree.flatten(given)):
        return given
    # a layer may leave sizes open that the tensors it takes decide (`EinsumDense` with None in its `output_shape`)
    return keras.src.backend.compute_output_spec(operation.call, *args, **kwargs)


def _work(layer: Any, args: Any, given: Any) -> _Work | None:
    """Of one call with Keras tensors; None if there is no formula of this layer."""
    kind = type(layer)
    if kind.__module__.startswith(_NO_PRODUCTS) and not isinstance(layer, layers.Wrapper | layers.Dot):
        return _Work(0)
    if kind in _FORMULAS and not (getattr(layer, "lora_enabled", False) or getattr(layer, "quantization_mode", None)):
        return _FORMULAS[kind](layer, tuple(args[0].shape), tuple(keras.tree.flatten(given)[0].shape))
    if kind is layers.TimeDistributed:
        batch, steps = args[0].shape[:2]
        taken, gives = (keras.KerasTensor((batch, *tensor.shape[2:]), tensor.dtype) for tensor in (args[0], given))
        work = _work(layer.layer, (taken,), gives)
        return None if work is None else work.times(steps)
    if kind is layers.Bidirectional:
        works = [_work(one, args, given) for one in (layer.forward_layer, layer.backward_layer)]
        return sum((one for one in works if one is not None), _Work(0)) if None not in works else None
    return None


def _traced(layer: Any, args: Any, kwargs: Any, weights: Sequence[Any] = (), needed: Collection[int] = ()) -> int:
    """Multiply-adds of one call, and of its gradients by `weights` and the tensors `needed`. Raises _UnclearError."""
    macs, why = traced_macs(layer, args, kwargs, weights, needed)
    if macs is None:
        kind = type(layer).__name__
        raise _UnclearError(f"multiply-adds of layer {layer.name} ({kind}) can't be determined: {why}")
    return macs
