"""Multiply-adds of a forward pass, read off a network's layers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import keras

__all__ = ["forward_macs"]


def forward_macs(model: keras.Model) -> int:
    """Multiply-adds of one image's forward pass through convolutions and dense layers of `model`, every call counted.

    Activations, normalisation, pooling and biases are left out, as in the published figures (VGG16 at 224×224: 15.5 G).
    """
    return sum(_layer_macs(layer, node) for layer, node in _calls(model))


def _calls(model: keras.Model) -> Iterator[tuple[Any, Any]]:
    """Each call of each layer within the model's own graph, nested models opened up."""
    for nodes in model._nodes_by_depth.values():
        for node in nodes:
            layer = node.operation
            if isinstance(layer, keras.Sequential):
                layer = layer._functional
            if isinstance(layer, keras.Model) and hasattr(layer, "_nodes_by_depth"):
                yield from _calls(layer)
            else:
                yield layer, node


def _layer_macs(layer: Any, node: Any) -> int:
    if not isinstance(layer, keras.layers.Dense | keras.layers.SeparableConv2D) and not hasattr(layer, "kernel_size"):
        return 0
    taken, given = (math.prod(tensors[0].shape[1:]) for tensors in (node.input_tensors, node.output_tensors))
    if isinstance(layer, keras.layers.Dense):
        return int(given * layer.kernel.shape[0])
    if isinstance(layer, keras.layers.SeparableConv2D):
        positions = given // layer.filters
        return int(positions * (math.prod(layer.depthwise_kernel.shape) + math.prod(layer.pointwise_kernel.shape)))
    if isinstance(layer, keras.layers.Conv2DTranspose):
        return int(taken * math.prod(layer.kernel.shape[:3]))
    if isinstance(layer, keras.layers.DepthwiseConv2D):
        return int(given * math.prod(layer.kernel.shape[:2]))
    return int(given * math.prod(layer.kernel.shape[:-1]))
