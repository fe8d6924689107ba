"""What a replicated step really was: on which devices, how gradients were summed, what trains otherwise there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras
import tensorflow as tf

from bench.results.replication import DeviceUse, Replication
from bench.suite.options import Options
from bench.suite.replication import PER_REPLICA_CLIPPING
from bench.workload.model import StepModel
from bench.workload.replication import mirrored
from bench.workload.runtime import peaks_by_device

__all__ = ["told", "without_all_reduce"]

Step = Callable[[Any], Any]


def told(model: keras.Model, options: Options, kind: str, global_batch_size: int) -> Replication:
    """What a record says of the strategy that `model` was trained by, once its windows are over."""
    devices = int(options.devices)
    strategy = mirrored(kind, devices)
    peaks, why = peaks_by_device()
    if kind == "cpu":
        why = "logical devices of a CPU share the process's memory"
    absent = {"peak_gpu_allocator_bytes": why} if why is not None else {}
    names = [name.rpartition("device:")[2] for name in strategy.extended.worker_devices]
    return Replication(
        strategy=str(options.strategy),
        reduction=_reduction(strategy),
        logical=kind == "cpu",
        global_batch_size=global_batch_size,
        replica_batch_size=global_batch_size // devices,
        devices=tuple(
            DeviceUse(name=name, peak_gpu_allocator_bytes=None if absent else peaks[place], absent=absent)
            for place, name in enumerate(names)
        ),
        remarks=tuple(_remarks(model)) if devices > 1 else (),
    )


def _reduction(strategy: tf.distribute.MirroredStrategy) -> str:
    """TensorFlow's name for how tensors are summed over the devices; it tells of it nowhere in public."""
    extended = strategy.extended
    chosen = getattr(extended, "_collective_ops", None) or getattr(extended, "_inferred_cross_device_ops", None)
    return type(chosen).__name__ if chosen is not None else "unknown"


def _remarks(model: keras.Model) -> Iterator[str]:
    """What of the model or its optimizer works on each replica's share alone: run with Keras 3.15.1."""
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    clipped = [name for name in PER_REPLICA_CLIPPING if getattr(optimizer, name, None)]
    if clipped:
        yield f"{' and '.join(clipped)}: each device clips its own gradients, before they are summed"
    layers = model._flatten_layers(include_self=False, recursive=True)
    norms = [layer for layer in layers if isinstance(layer, keras.layers.BatchNormalization)]
    apart = sum(not getattr(layer, "synchronized", False) for layer in norms)  # Keras 3 hadn't always such layers
    if apart:
        yield (
            f"{apart} of {len(norms)} BatchNormalization layers normalise each device's share by itself, and the first "
            "device's statistics are kept; synchronized=True would be exact, and communicate"
        )
    elif norms:
        yield f"{len(norms)} BatchNormalization layers are synchronized: as on one device, for more communication"
    if any(isinstance(one, keras.layers.Dropout | keras.layers.GaussianDropout) for one in model._flatten_layers()):
        yield "dropout leaves out the same places in every device's share: each has a copy of one seed"
    if type(model).train_step is not keras.Model.train_step and not isinstance(model, StepModel):
        yield (
            "its own train_step is run as it is: compute_loss has divided the loss by the number of devices already, "
            "and the loss that it tells of is that share"
        )


@contextmanager
def without_all_reduce(model: keras.Model) -> Iterator[None]:
    """A step that is traced meanwhile leaves each device its own gradients: all the same work but their sum."""
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    optimizer._all_reduce_sum_gradients = list
    try:
        yield
    finally:
        del optimizer._all_reduce_sum_gradients
