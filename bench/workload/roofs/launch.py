"""What a step costs that does nothing."""

from __future__ import annotations

from collections.abc import Iterator

import tensorflow as tf

from bench.workload.roofs.plan import Probe, Task
from bench.workload.roofs.timing import windows_of

__all__ = ["launch_latency"]

_TURNS = 3


def launch_latency(task: Task) -> Iterator[Probe]:
    """The probe of an empty compiled step; its work is counted in steps.

    Each is called from Python, adds 1 to a scalar in the device's memory, and hands the sum back to Python, which waits
    for it: a step that reports its loss can't take less. Keras's own work of a step is not in it.
    """
    count = tf.Variable(0.0)

    step = tf.function(lambda: count.assign_add(1.0), jit_compile=False)
    of = "a compiled function called from Python: one scalar added to on the device, and read back"
    yield Probe("launch_latency", of, windows_of(lambda: float(step()), 1, task.plan), _TURNS)
