"""The compiled model of a cell: the network, its optimizer and loss, and a count of how often its step was traced."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import keras
import tensorflow as tf

from bench.errors import Fault, InputError
from bench.suite.options import Options
from bench.suite.spec import ModelSpec
from bench.workload.data import Split
from bench.workload.macs import Macs, count_macs
from bench.workload.networks import build
from bench.workload.pipeline import converted

__all__ = [
    "Description",
    "Feed",
    "StepModel",
    "compiled_model",
    "count_macs",
    "describe",
    "parameters",
    "train_state",
]


class Feed(Protocol):
    """Where a training step takes its batches from, if not from the pipeline itself."""

    def batch(self, carried: Any, /) -> Any:
        """The batch for what the pipeline carries, traced into the step."""


class Resident:
    """A split that lies in the device's memory: images [N, H, W, C] in the variant's pixel type, labels [N]."""

    def __init__(self, split: Split, options: Options) -> None:
        device = "/GPU:0" if tf.config.list_logical_devices("GPU") else "/CPU:0"
        with tf.device(device):
            self.images = tf.identity(converted(split.images, options))
            self.labels = tf.identity(tf.constant(split.labels))

    def batch(self, indices: Any) -> tuple[Any, Any]:
        """Images [B, H, W, C] and labels [B] at `indices` [B]."""
        return tf.gather(self.images, indices), tf.gather(self.labels, indices)


@dataclass
class TraceLog:
    """How often TensorFlow traced the training step, and how long that took; `feed` is what the step then takes its
    batches from (None: the pipeline)."""

    traces: int = 0
    seconds: float = 0.0
    feed: Feed | None = None


class StepModel(keras.Model):
    """A Keras model whose training step counts its traces, and can take its batches from the device's memory.

    Keras's own step does the work; this adds nothing to the graph but the gather of device-resident batches.
    """

    trace_log: TraceLog

    def train_step(self, data: Any) -> Any:
        log = self.trace_log
        began = time.perf_counter()
        try:
            return super().train_step(data if log.feed is None else log.feed.batch(data))
        finally:
            log.traces += 1
            log.seconds += time.perf_counter() - began


def compiled_model(
    spec: ModelSpec,
    shape: tuple[int, int, int],
    classes: int,
    options: Options,
    folder: Path,
    split: Split | None = None,
) -> StepModel:
    """The model of a cell for images of `shape` (H, W, C), ready for `fit`: Adam, sparse cross-entropy, accuracy.

    A user's own model that comes compiled keeps its optimizer and loss. XLA is always set explicitly: Keras's "auto"
    would turn it on by itself on GPUs. `split` is what `source: device` keeps on the device.
    """
    network = build(spec, shape, classes, options, folder)
    model = StepModel(network.inputs, network.outputs, name="cell")
    resident = Resident(split, options) if split is not None and options.source == "device" else None
    model.trace_log = TraceLog(feed=resident)
    own = network.compiled
    model.compile(
        optimizer=own.optimizer if own else keras.optimizers.Adam(network.learning_rate),
        loss=own.loss if own else "sparse_categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=bool(options.xla),
        steps_per_execution=int(options.steps_per_execution),
    )
    if options.xla and not model.jit_compile:
        # Keras would only warn, and measure something else
        raise InputError(Fault(f"{spec.name} can't be compiled with XLA: some of its layers don't allow it"))
    return model


@dataclass(frozen=True)
class Description:
    """A network's size. `train_state_mib` is weights plus optimizer slots; `macs` are multiply-adds of one image."""

    trainable_params: int
    non_trainable_params: int
    layers: int
    train_state_mib: float
    macs: Macs


def train_state_bytes(trainable: int, non_trainable: int) -> int:
    """Weights and Adam's two slots in float32: 4 bytes × (trainable × 3 + non-trainable)."""
    return 4 * (trainable * 3 + non_trainable)


def train_state(model: keras.Model) -> tuple[int | None, str | None]:
    """Bytes of `model`'s weights and optimizer slots, or None and why: the formula is Adam's."""
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)  # mixed float16 wraps it to scale losses
    if not isinstance(optimizer, keras.optimizers.Adam):
        return None, f"the size of {type(optimizer).__name__}'s slots is not known"
    return train_state_bytes(*parameters(model)), None


def describe(spec: ModelSpec, shape: tuple[int, int, int], classes: int, folder: Path) -> Description:
    """The size of `spec`'s network for images of `shape` (H, W, C); builds it, trains nothing."""
    network = build(spec, shape, classes, Options(), folder)
    model = keras.Model(network.inputs, network.outputs)
    trainable, non_trainable = parameters(model)
    state = train_state_bytes(trainable, non_trainable) / 2**20
    return Description(trainable, non_trainable, network.base_layers, state, count_macs(model))


def parameters(model: keras.Model) -> tuple[int, int]:
    """Trainable and non-trainable weights of `model`, seeds of random layers left out."""
    trainable = sum(math.prod(weight.shape) for weight in model.trainable_weights)
    fixed = sum(math.prod(weight.shape) for weight in model.non_trainable_weights)
    return trainable, fixed
