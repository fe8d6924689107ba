"""How fast a device reads and writes its memory, and how fast arrays get there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from bench.workload.roofs.plan import Probe, Task
from bench.workload.roofs.timing import windows_of

__all__ = ["device_bandwidth", "host_to_device_bandwidth"]

_FLOAT_BYTES = 4
_MIB = 2**20
_TURNS = 3


def device_bandwidth(task: Task) -> Iterator[Probe]:
    """The probe of `a += b`: two arrays read and one written, in place; work is counted in bytes.

    `AssignAddVariableOp`, as optimizers use it: nothing is allocated, which on CPUs would cost more than the copying.
    """
    count = task.plan.array_bytes // _FLOAT_BYTES
    a, b = tf.Variable(tf.zeros(count)), tf.ones(count)

    def run() -> None:
        for _ in range(task.plan.passes):
            a.assign_add(b, read_value=False)

    size = count * _FLOAT_BYTES
    of = f"a += b on arrays of {size / _MIB:g} MiB in float32: two read, one written"
    compiled = tf.function(run, jit_compile=False)
    yield Probe("device_bandwidth", of, windows_of(compiled, 3 * size * task.plan.passes, task.plan), _TURNS)


def host_to_device_bandwidth(task: Task) -> Iterator[Probe]:
    """The probe of a NumPy array that becomes a tensor on the device; work is counted in bytes of the array."""
    array = np.ones(task.plan.array_bytes // _FLOAT_BYTES, np.float32)

    def copy() -> Any:
        with tf.device(f"/{task.kind}:0"):
            return tf.constant(array)

    of = f"a NumPy array of {array.nbytes / _MIB:g} MiB in pageable memory, by tf.constant"
    yield Probe("host_to_device_bandwidth", of, windows_of(copy, array.nbytes, task.plan))
