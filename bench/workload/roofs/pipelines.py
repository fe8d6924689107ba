"""How fast `tf.data` decodes JPEGs, and how fast it hands on elements that cost nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf

from bench.workload.roofs.plan import Probe, Task

__all__ = ["drawn_jpegs", "jpeg_decode", "map_elements"]

_JPEGS = 16
_QUALITY = 90
_CONTRAST = 26
"""Standard deviation of an octave, of 0..255."""
_LEAD = 0.25
"""Of a window, that much more runs untimed before it: what lay ready in buffers is used up by then."""
_MAPPED = 1000
"""Elements a batch: what Python takes to ask for one is shared by them."""
_TURNS = 3
_DECODED = 8
_DECODING_WINDOWS = 3.0
"""Of a common window's length: at its ends an image more or less may be under way."""


def jpeg_decode(task: Task) -> Iterator[Probe]:
    """The probe of images decoded by a parallel map, `AUTOTUNE` of them at a time; work is counted in images.

    Of each a single pixel is handed on, for what is measured is the decoding, and not what follows it.
    """
    jpegs = drawn_jpegs(_JPEGS, task.plan.jpeg_size)

    def decode(jpeg: Any) -> Any:
        return tf.io.decode_jpeg(jpeg, channels=3)[0, 0]

    dataset = tf.data.Dataset.from_tensor_slices(jpegs).repeat()
    dataset = dataset.map(decode, num_parallel_calls=tf.data.AUTOTUNE).batch(_DECODED)
    height, width = task.plan.jpeg_size
    size = sum(map(len, jpegs)) / len(jpegs) / 1e3
    of = f"JPEGs of {width}×{height} pixels and {size:.0f} kB, drawn at random, as many at a time as AUTOTUNE takes"
    seconds = _DECODING_WINDOWS * task.plan.window_seconds
    yield Probe("jpeg_decode", of, _windows(dataset, _DECODED, seconds, _DECODING_WINDOWS * task.plan.settling_seconds))


def map_elements(task: Task) -> Iterator[Probe]:
    """The probe of a map that adds 1 to a number, one after another, in batches; work is counted in numbers.

    In turn and not in parallel: it is the framework's cost of an element on one core, which hiding doesn't lower. So
    nothing of it is rewritten or tuned by tf.data, which would fuse map and batch into one parallel stage: that runs at
    two speeds, as its threads happen to meet, 40 and 80 thousand a second on the machine of
    `hosts/cpu-amd-epyc-2c.yaml`, in one and the same process.
    """
    dataset = tf.data.Dataset.range(2**62).map(lambda number: number + 1).batch(_MAPPED)
    of = f"one int64 plus 1 a call, one call after another, in batches of {_MAPPED:,}"
    plain = tf.data.Options()
    plain.autotune.enabled = False
    plain.experimental_optimization.apply_default_optimizations = False
    window = _windows(dataset.with_options(plain), _MAPPED, task.plan.window_seconds, task.plan.settling_seconds)
    yield Probe("map", of, window, _TURNS)


def drawn_jpegs(count: int, size: tuple[int, int]) -> list[bytes]:
    """Images like photographs to a decoder: noise with as much contrast in each octave (Field 1987, *Journal of the
    Optical Society of America A* 4), and about as many bytes as ImageNet's have on average (110 kB)."""
    draw = tf.random.Generator.from_seed(0)
    jpegs = []
    for _ in range(count):
        image = tf.fill((*size, 3), 128.0)
        side = 4
        while side < max(size):
            coarse = draw.normal((1, side, side, 3), stddev=_CONTRAST)
            image += tf.image.resize(coarse, size)[0]
            side *= 2
        pixels = tf.saturate_cast(tf.round(image), tf.uint8)
        jpegs.append(tf.io.encode_jpeg(pixels, quality=_QUALITY).numpy())
    return jpegs


def _windows(
    dataset: tf.data.Dataset, batch: int, seconds: float, settling_seconds: float
) -> Callable[[], tuple[float, float]]:
    plain = tf.data.Options()
    plain.experimental_optimization.inject_prefetch = False  # its buffer would fill between windows
    batches = iter(dataset.with_options(plain))

    def run(at_least: float) -> tuple[float, float]:
        done, began = 0, time.perf_counter()
        while (lasted := time.perf_counter() - began) < at_least:
            next(batches)
            done += batch
        return done, lasted

    def window() -> tuple[float, float]:
        run(_LEAD * seconds)
        return run(seconds)

    run(settling_seconds)
    return window
