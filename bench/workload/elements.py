"""What the elements of a data set look like, whatever their structure."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import Any

import tensorflow as tf

__all__ = ["ExampleCount", "batch_size", "element_text", "example_bytes", "is_generated"]


def batch_size(element: Any) -> Any:
    """The first dimension of the first tensor in `element`, of its specs or of its tensors: an int, a scalar tensor
    where it isn't known before a step runs, or None where no tensor has a first dimension."""
    for part in tf.nest.flatten(element):
        shape = getattr(part, "shape", None)
        if shape is None or shape.rank in (None, 0):
            continue
        if shape[0] is not None:
            return int(shape[0])
        if isinstance(part, tf.Tensor):
            return tf.shape(part, tf.int64)[0]
        if isinstance(part, tf.RaggedTensor):
            return tf.cast(part.nrows(), tf.int64)
    return None


class ExampleCount:
    """How many examples the batches of a training hold, where that isn't the same for all.

    `see` is traced into the step. `mean` is over so many steps; None where every batch has the size that its shape
    says, or elements have no batch dimension.
    """

    def __init__(self) -> None:
        # each replica of a step counts its own share
        shared = {"synchronization": tf.VariableSynchronization.ON_READ, "aggregation": tf.VariableAggregation.SUM}
        self._count: Any = tf.Variable(0, dtype=tf.int64, trainable=False, **shared)
        self._varies = False

    def see(self, element: Any) -> None:
        """Count the examples of a batch."""
        size = batch_size(element)
        if size is not None and not isinstance(size, int):
            self._varies = True
            self._count.assign_add(size)

    def mean(self, steps: int) -> float | None:
        """Examples a step."""
        return int(self._count.read_value()) / steps if self._varies else None


def is_generated(dataset: Any) -> bool:
    """Does a Python generator feed this data set, by `from_generator` anywhere in it?"""
    waiting = [dataset]
    while waiting:
        one = waiting.pop()
        for function in one._functions():  # the graph of the whole would hold all arrays that it reads
            graph = function.function.graph.as_graph_def()
            nodes = itertools.chain(graph.node, *(inner.node_def for inner in graph.library.function))
            if any(node.op == "GeneratorDataset" for node in nodes):
                return True
        waiting += one._inputs()
    return False


def element_text(spec: Any) -> str:
    """The structure of batches in one line: `({ids: int64 [batch, 128], text: string [batch]}, float32 [batch])`."""
    match spec:
        case Mapping():
            return "{" + ", ".join(f"{name}: {element_text(part)}" for name, part in spec.items()) + "}"
        case tuple() | list():
            return "(" + ", ".join(map(element_text, spec)) + ")"
        case tf.RaggedTensorSpec():
            return f"ragged {_tensor_text(spec)}"
        case tf.SparseTensorSpec():
            return f"sparse {_tensor_text(spec)}"
        case tf.TensorSpec():
            return _tensor_text(spec)
    return type(spec).__name__


def _tensor_text(spec: Any) -> str:
    if spec.shape.rank is None:
        return f"{spec.dtype.name} of any shape"
    sides = ["batch", *("?" if side is None else str(side) for side in spec.shape[1:])] if spec.shape.rank else []
    return f"{spec.dtype.name} [{', '.join(sides)}]"


def example_bytes(spec: Any) -> int | None:
    """Bytes of one example of the batches that `spec` describes; None where they vary."""
    total = 0
    for part in tf.nest.flatten(spec):
        if not isinstance(part, tf.TensorSpec) or part.shape.rank is None or not part.dtype.size:
            return None
        sides = part.shape[1:]
        if part.dtype == tf.string or None in list(sides):
            return None
        total += math.prod(sides) * part.dtype.size
    return total
