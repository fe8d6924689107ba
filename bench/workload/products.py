"""Multiply-adds of the convolutions and matrix products in a traced TensorFlow graph."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from math import prod
from typing import Any

import keras
import tensorflow as tf

__all__ = ["contracted", "traced_macs"]

_OPAQUE = re.compile(
    r"(Stateless|Stateful)?(While|If|Case|PartitionedCall)|.*PyFunc|Cudnn.*RNN.*|Xla.*|.*MatMul.*|.*Conv(\dD.*)?"
)
"""Operations that hold others, are another library's, or products not known below: not to be passed over as none."""

_PRODUCTS: Mapping[str, Callable[[Any, Any, Any], int]] = {
    "Conv2D": lambda _, taken, given: prod(given) * prod(taken[1][:-1]),
    "Conv3D": lambda _, taken, given: prod(given) * prod(taken[1][:-1]),
    "DepthwiseConv2dNative": lambda _, taken, given: prod(given) * prod(taken[1][:2]),
    "Conv2DBackpropInput": lambda _, taken, __: prod(taken[2]) * prod(taken[1][:-1]),
    "Conv3DBackpropInputV2": lambda _, taken, __: prod(taken[2]) * prod(taken[1][:-1]),
    "MatMul": lambda op, taken, given: prod(given) * taken[0][0 if op.get_attr("transpose_a") else 1],
    "BatchMatMulV2": lambda op, taken, given: prod(given) * taken[0][-2 if op.get_attr("adj_x") else -1],
    "BatchMatMulV3": lambda op, taken, given: prod(given) * taken[0][-2 if op.get_attr("adj_x") else -1],
    "Einsum": lambda op, taken, given: prod(given) * contracted(op.get_attr("equation").decode(), *taken),
}
"""Multiply-adds of an operation from the shapes that it takes and gives, by its type. Filters are (…, in, out)."""


def traced_macs(call: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[int | None, str | None]:
    """Multiply-adds of `call` on tensors shaped like the Keras tensors among its arguments; None and why if unclear.

    Traces it once, and runs nothing.
    """
    flat = keras.tree.flatten((args, kwargs))
    symbolic = [place for place, value in enumerate(flat) if isinstance(value, keras.KerasTensor)]

    def called(*tensors: Any) -> Any:
        filled = dict(zip(symbolic, tensors, strict=True))
        values = [filled.get(place, value) for place, value in enumerate(flat)]
        args_, kwargs_ = keras.tree.pack_sequence_as((args, kwargs), values)
        return call(*args_, **kwargs_)

    # what isn't a tensor stays outside of the signature, which takes no slices
    signature = [tf.TensorSpec(flat[place].shape, flat[place].dtype) for place in symbolic]
    with keras.StatelessScope():
        traced = tf.function(called, autograph=False).get_concrete_function(*signature)
    total = 0
    for operation in traced.graph.get_operations():
        if operation.type in _PRODUCTS:
            taken, given = [tensor.shape for tensor in operation.inputs], operation.outputs[0].shape
            if not all(shape.is_fully_defined() for shape in (*taken, given)):
                return None, "its shapes are not known before it runs"
            total += int(_PRODUCTS[operation.type](operation, [tuple(shape) for shape in taken], tuple(given)))
        elif _OPAQUE.fullmatch(operation.type):
            return None, f"what its {operation.type} multiplies can't be seen"
    return total, None


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
