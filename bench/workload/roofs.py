"""How fast this device multiplies: chains of large matrix products and convolutions, nothing else between them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from math import prod
from typing import Any

import tensorflow as tf

from bench.host.measured import DataType
from bench.suite.options import Options
from bench.workload.chains import Chain, Rate, chains
from bench.workload.runtime import configure, is_out_of_memory, sync

__all__ = ["measured", "rates"]

WINDOW_SECONDS = 0.1
"""Shortest window; it holds whole chains."""
SETTLING_SECONDS = 0.2
"""Run before the first window: clocks rise, and libraries choose their kernels."""


def rates(data_type: DataType, device_kind: str, windows: int) -> Iterator[Rate | str]:
    """Each chain's rate from that many windows, or why there is none.

    Settles the process's device and TF32: one process, one data type.
    """
    configure(Options(tf32=data_type == "tf32"), 0, device_kind)
    for chain in chains(device_kind, data_type):
        try:
            yield measured(chain, windows)
        except tf.errors.OpError as error:
            what = "the device's memory is too small" if is_out_of_memory(error) else str(error).partition("\n")[0]
            yield f"{chain.name}: {what}"
        except FloatingPointError as error:
            yield f"{chain.name}: {error}"


def measured(chain: Chain, windows: int) -> Rate:
    """Run `chain` and time `windows` windows of it, device-synchronised.

    Each product of a call feeds the next and the last is given back, so that none can be left out. Every call begins
    with the same values: a factor that keeps their size in a chain would not in thousands of them. Raises
    FloatingPointError where a product is not finite, for such numbers are multiplied at another pace.
    """
    run, x = _compiled(chain)
    _settle(run, x)
    began = time.perf_counter()
    product = run(x)
    sync()
    calls = max(1, round(WINDOW_SECONDS / (time.perf_counter() - began)))
    timed = []
    for _ in range(windows):
        began = time.perf_counter()
        for _ in range(calls):
            product = run(x)
        sync()
        timed.append((calls * chain.length, time.perf_counter() - began))
    if not bool(tf.reduce_all(tf.math.is_finite(product))):
        raise FloatingPointError("its products are not finite")
    return Rate(chain, tuple(timed))


def _compiled(chain: Chain) -> tuple[Callable[[Any], Any], Any]:
    """A compiled function of the chain, and what it starts from."""
    kind = tf.float32 if chain.data_type == "tf32" else tf.as_dtype(chain.data_type)
    channels = chain.shape[-1]
    taps = (channels, channels) if chain.is_matrix else (3, 3, channels, channels)
    draw = tf.random.Generator.from_seed(0)
    factor = tf.cast(draw.normal(taps, stddev=prod(taps[:-1]) ** -0.5), kind)

    def run(x: Any) -> Any:
        for _ in range(chain.length):
            x = tf.matmul(x, factor) if chain.is_matrix else tf.nn.conv2d(x, factor, 1, "SAME")
        return x

    return tf.function(run, jit_compile=False), tf.cast(draw.normal(chain.shape), kind)


def _settle(run: Callable[[Any], Any], x: Any) -> None:
    began = time.perf_counter()
    while time.perf_counter() - began < SETTLING_SECONDS:
        run(x)
        sync()
