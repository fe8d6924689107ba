"""How fast a device does the convolutions of VGG16 as one training step on images of 32×32 has them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from bench.host.measured import DataType
from bench.host.roofs import VGG16_ROOFS
from bench.workload.roofs.matmul import kind_of
from bench.workload.roofs.plan import Probe, Task
from bench.workload.roofs.timing import windows_of

__all__ = ["VGG16", "Convolution", "convolutions", "step", "step_flops"]

_KERNEL = 3
_BLOCKS = ((32, 64, 2), (16, 128, 2), (8, 256, 3), (4, 512, 3), (2, 512, 3))
"""Side of the images, channels, and how many convolutions: Simonyan & Zisserman 2014, configuration D."""


@dataclass(frozen=True)
class Convolution:
    """One of 3×3 with the same padding: images [N, side, side, taken] to [N, side, side, given]."""

    side: int
    taken: int
    given: int

    @property
    def macs(self) -> int:
        """Multiply-adds of its forward pass, an image; each of its two gradients takes as many."""
        return self.side**2 * _KERNEL**2 * self.taken * self.given


def _layers() -> Iterator[Convolution]:
    taken = 3
    for side, given, count in _BLOCKS:
        for _ in range(count):
            yield Convolution(side, taken, given)
            taken = given


VGG16 = tuple(_layers())


def step_flops(layers: tuple[Convolution, ...], batch_size: int) -> int:
    """Floating-point operations of one step's convolutions: forward, and the gradients of weights and of inputs.

    The images themselves are given no gradient, so the first layer has only that of its weights.
    """
    macs = 3 * sum(layer.macs for layer in layers) - layers[0].macs
    return 2 * batch_size * macs


def convolutions(task: Task, data_type: DataType, layers: tuple[Convolution, ...] = VGG16) -> Iterator[Probe]:
    """The probe of one step's convolutions; its work is counted in floating-point operations."""
    batch = task.plan.batch_size
    kind = kind_of(data_type)
    draw = tf.random.Generator.from_seed(0)

    def normal(*shape: int, stddev: float = 1.0) -> Any:
        return tf.cast(draw.normal(shape, stddev=stddev), kind)

    taken = [normal(batch, layer.side, layer.side, layer.taken) for layer in layers]
    upstream = [normal(batch, layer.side, layer.side, layer.given) for layer in layers]
    weights = [
        normal(_KERNEL, _KERNEL, layer.taken, layer.given, stddev=(_KERNEL**2 * layer.taken) ** -0.5)
        for layer in layers
    ]
    compiled = tf.function(step, jit_compile=False)
    of = f"its {len(layers)} convolutions on {batch} images of {layers[0].side}×{layers[0].side}, forward and backward"
    window = windows_of(lambda: compiled(taken, weights, upstream), step_flops(layers, batch), task.plan)
    yield Probe(VGG16_ROOFS[data_type], of, window)


def step(taken: list[Any], weights: list[Any], upstream: list[Any]) -> list[Any]:
    """Forward and backward, layer after layer; both gradients of a layer may run at once, as they do in training.

    Each layer has images of its own, so that nothing but convolutions is done, and only the order is a step's. All that
    is computed is given back: what nobody takes would be left out.
    """
    done: list[Any] = []
    before: list[Any] = []
    for x, kernel in zip(taken, weights, strict=True):
        with tf.control_dependencies(before):
            before = [tf.nn.conv2d(x, kernel, 1, "SAME")]
        done += before
    common = {"strides": [1, 1, 1, 1], "padding": "SAME"}
    for place in reversed(range(len(taken))):
        x, kernel, gradient = taken[place], weights[place], upstream[place]
        with tf.control_dependencies(before):
            done.append(
                tf.raw_ops.Conv2DBackpropFilter(input=x, filter_sizes=kernel.shape, out_backprop=gradient, **common)
            )
            if place:
                before = [
                    tf.raw_ops.Conv2DBackpropInput(input_sizes=x.shape, filter=kernel, out_backprop=gradient, **common)
                ]
                done += before
    return done
