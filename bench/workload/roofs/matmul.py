"""How fast a device multiplies: chains of large matrix products and convolutions, nothing else between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import Any

import tensorflow as tf

from bench.host.measured import DataType
from bench.support.exception_text import exception_summary
from bench.workload.roofs.chains import Chain, chains
from bench.workload.roofs.plan import Missing, Probe, Task
from bench.workload.roofs.timing import windows_of
from bench.workload.runtime import is_out_of_memory

__all__ = ["chain_probe", "kind_of", "products"]


def products(task: Task, data_type: DataType) -> Iterator[Probe | Missing]:
    """Each chain's probe, or why it can't be run: the others are."""
    for chain in chains(task.plan, data_type):
        try:
            yield chain_probe(task, chain)
        except tf.errors.OpError as error:
            what = "the device's memory is too small" if is_out_of_memory(error) else exception_summary(error)
            yield Missing(data_type, what, chain.name)
        except FloatingPointError as error:
            yield Missing(data_type, str(error), chain.name)


def chain_probe(task: Task, chain: Chain) -> Probe:
    """A chain, settled; its work is counted in floating-point operations.

    Each product of a call feeds the next and the last is given back, so that none can be left out. Every call begins
    with the same values: a factor that keeps their size in a chain would not in thousands of them. Raises
    FloatingPointError where a product is not finite, for such numbers are multiplied at another pace.
    """
    run, x = _compiled(chain)
    if not bool(tf.reduce_all(tf.math.is_finite(run(x)))):
        raise FloatingPointError("its products are not finite")
    return Probe(chain.data_type, chain.name, windows_of(lambda: run(x), chain.length * chain.flops, task.plan))


def kind_of(data_type: DataType) -> Any:
    """TensorFlow's type of such numbers; TF32 are float32 that are multiplied otherwise."""
    return tf.float32 if data_type == "tf32" else tf.as_dtype(data_type)


def _compiled(chain: Chain) -> tuple[Callable[[Any], Any], Any]:
    """A compiled function of the chain, and what it starts from."""
    channels = chain.shape[-1]
    taps = (channels, channels) if chain.is_matrix else (3, 3, channels, channels)
    draw = tf.random.Generator.from_seed(0)
    factor = tf.cast(draw.normal(taps, stddev=prod(taps[:-1]) ** -0.5), kind_of(chain.data_type))

    def run(x: Any) -> Any:
        for _ in range(chain.length):
            x = tf.matmul(x, factor) if chain.is_matrix else tf.nn.conv2d(x, factor, 1, "SAME")
        return x

    return tf.function(run, jit_compile=False), tf.cast(draw.normal(chain.shape), kind_of(chain.data_type))
