"""Multiply-adds of the convolutions and matrix products in a traced TensorFlow graph."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from math import prod
from typing import Any

import keras
import tensorflow as tf

__all__ = ["contracted", "graph_macs", "traced_macs"]

_CALLS = ("PartitionedCall", "StatefulPartitionedCall")
"""Operations that run another graph, once."""

_OPAQUE = re.compile(r"(Stateless)?(While|If|Case)|.*PyFunc|Cudnn.*RNN.*|Xla.*|.*MatMul.*|.*Conv(\dD.*)?")
"""Operations that hold others, are another library's, or products not known below: not to be passed over as none."""


def _forward(_: Any, taken: Any, given: Any) -> int:
    return int(prod(given) * prod(taken[1][:-1]))


def _forward_depthwise(_: Any, taken: Any, given: Any) -> int:
    return int(prod(given) * prod(taken[1][:2]))


def _input_gradient(_: Any, taken: Any, __: Any) -> int:
    return int(prod(taken[2]) * prod(taken[1][:-1]))


def _kernel_gradient(_: Any, taken: Any, given: Any) -> int:
    return int(prod(taken[2]) * prod(given[:-1]))


_PRODUCTS: Mapping[str, Callable[[Any, Any, Any], int]] = {
    "Conv2D": _forward,
    "Conv2DBackpropInput": _input_gradient,
    "Conv2DBackpropFilter": _kernel_gradient,
    "Conv3D": _forward,
    "Conv3DBackpropInputV2": _input_gradient,
    "Conv3DBackpropFilterV2": _kernel_gradient,
    "DepthwiseConv2dNative": _forward_depthwise,
    "DepthwiseConv2dNativeBackpropInput": lambda _, taken, __: prod(taken[2]) * prod(taken[1][:2]),
    "DepthwiseConv2dNativeBackpropFilter": lambda _, taken, given: prod(taken[2]) * prod(given[:2]),
    "MatMul": lambda op, taken, given: prod(given) * taken[0][0 if op.get_attr("transpose_a") else 1],
    "BatchMatMulV2": lambda op, taken, given: prod(given) * taken[0][-2 if op.get_attr("adj_x") else -1],
    "BatchMatMulV3": lambda op, taken, given: prod(given) * taken[0][-2 if op.get_attr("adj_x") else -1],
    "Einsum": lambda op, taken, given: prod(given) * contracted(op.get_attr("equation").decode(), *taken),
}
"""Multiply-adds of an operation from the shapes that it takes and gives, by its type. Filters are (…, in, out); a
gradient of a convolution takes three tensors, of which the last is the gradient of its result."""


def traced_macs(
    call: Callable[..., Any], args: Any, kwargs: Any, weights: Sequence[Any] = (), needing: Collection[int] = ()
) -> tuple[int | None, str | None]:
    """Multiply-adds of `call` on tensors shaped like the Keras tensors among its arguments; None and why if unclear.

    With `weights`, or Keras tensors named by their identities in `needing`, those of the gradients of its results by
    these are counted too. Traces it once, and runs nothing.
    """
    flat = keras.tree.flatten((args, kwargs))
    symbolic = [place for place, value in enumerate(flat) if isinstance(value, keras.KerasTensor)]
    watched = [position for position, place in enumerate(symbolic) if id(flat[place]) in needing]

    def called(*tensors: Any) -> Any:
        filled = dict(zip(symbolic, tensors, strict=True))
        values = [filled.get(place, value) for place, value in enumerate(flat)]
        args_, kwargs_ = keras.tree.pack_sequence_as((args, kwargs), values)
        if not weights and not watched:
            return call(*args_, **kwargs_)
        sources = [tensors[position] for position in watched]
        with tf.GradientTape() as tape:
            tape.watch(sources)
            results = [one for one in keras.tree.flatten(call(*args_, **kwargs_)) if one.dtype.is_floating]
        gradients = tape.gradient(results, [*(weight.value for weight in weights), *sources])
        return [*results, *(one for one in gradients if one is not None)]

    # what isn't a tensor stays outside of the signature, which takes no slices
    signature = [tf.TensorSpec(flat[place].shape, flat[place].dtype) for place in symbolic]
    with keras.StatelessScope():
        traced = tf.function(called, autograph=False).get_concrete_function(*signature)
    return graph_macs(traced.outputs)


def graph_macs(outputs: Sequence[Any]) -> tuple[int | None, str | None]:
    """Multiply-adds of all that `outputs`, symbolic tensors of one graph, are computed from; None and why if unclear.

    What a graph holds beside that is never run: a gradient function may add the gradient of an input that none needs.
    """
    try:
        return _macs_before(outputs, set()), None
    except _UnclearError as error:
        return None, str(error)


class _UnclearError(Exception):
    """What an operation multiplies can't be determined."""


def _macs_before(outputs: Sequence[Any], seen: set[str], within: str = "") -> int:
    """`seen` are the operations that have been counted, and of calls the outputs, by the calls that they lie `within`
    and their names."""
    waiting, total = list(outputs), 0
    while waiting:
        tensor = waiting.pop()
        operation = tensor.op
        is_call = operation.type in _CALLS
        key = within + (tensor.name if is_call else operation.name)
        if key in seen:
            continue
        seen.add(key)
        waiting += operation.inputs
        if is_call:
            called = operation.graph._get_function(operation.get_attr("f").name).graph
            total += _macs_before([called.outputs[tensor.value_index]], seen, f"{within}{operation.name}/")
        elif operation.type in _PRODUCTS:
            taken, given = [_shape(one) for one in operation.inputs], _shape(operation.outputs[0])
            if given is None or None in taken:
                raise _UnclearError("its shapes are not known before it runs")
            total += int(_PRODUCTS[operation.type](operation, taken, given))
        elif _OPAQUE.fullmatch(operation.type):
            raise _UnclearError(f"what its {operation.type} multiplies can't be seen")
    return total


def _shape(tensor: Any) -> tuple[int, ...] | None:
    return tuple(tensor.shape) if tensor.shape.is_fully_defined() else None


def contracted(equation: str, *shapes: tuple[int, ...]) -> int:
    """How many multiply-adds an element of an einsum's result takes: the sizes that the equation sums over.

    >>> contracted("abc,cd->abd", (1, 5, 7), (7, 3))
    7
    """
    operands, _, result = equation.replace(" ", "").partition("->")
    sizes: dict[str, int] = {}
    for labels, shape in zip(operands.split(","), shapes, strict=True):
        before, _, after = labels.partition("...")
        sizes |= dict(zip(before, shape, strict=False))
        sizes |= dict(zip(reversed(after), reversed(shape), strict=False))
    return prod(size for label, size in sizes.items() if label not in result)
