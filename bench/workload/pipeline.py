"""The input pipeline that a variant asks for.

source → map → cache → shuffle → repeat → batch → augment → batch_map → prefetch: with every option at its default this
is the notebook's `from_tensor_slices → shuffle(all) → repeat → batch → prefetch(AUTOTUNE)` on pixels divided in
float64.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from bench.errors import Fault, InputError
from bench.suite.options import Options
from bench.suite.user_code import load_function
from bench.workload.augment import flip_and_shift
from bench.workload.data import Split
from bench.workload.replication import filling_batch
from bench.workload.seams import Choices, cached, map_calls_of, prefetched, shuffled
from bench.workload.tfrecord import read_tfrecord, write_tfrecord

__all__ = ["converted", "evaluation_pipeline", "fill", "finished", "one_hot_width", "training_pipeline", "untuned"]

_FILL_SECONDS = 60.0


def training_pipeline(
    split: Split,
    options: Options,
    batch_size: int,
    seed: int,
    scratch: Path,
    folder: Path = Path(),
    skip: int = 0,
    filled: bool = False,
) -> tf.data.Dataset:
    """Endless batches `(images [B, H, W, C], labels [B])`, remainders dropped; for `source: device`, batches of
    indices [B] into the split.

    `scratch` is a folder of the cell's own, for TFRecord files and file caches; `folder` is the suite's. The first
    `skip` batches are left out: a training that goes on gets those that it would have had. With `filled` a cache is
    full when this returns, so that no batch pays for that; else the first pass fills it.
    """
    parallel = map_calls_of(options)
    dataset = _source(split, options, scratch, parallel)
    choices = Choices(options, batch_size, seed, len(split.labels), scratch)
    dataset = dataset.apply(cached(choices))
    if filled and options.cache != "none":
        fill(dataset)
    dataset = dataset.apply(shuffled(choices)).repeat().batch(batch_size, drop_remainder=True)
    if skip:
        dataset = dataset.skip(skip)
    if options.augment == "pipeline":
        seeds = tf.data.Dataset.counter(skip).map(lambda batch: tf.stack([tf.constant(seed, tf.int64), batch]))
        dataset = tf.data.Dataset.zip(dataset, seeds).map(_augmented, num_parallel_calls=parallel)
    maps = options.source == "tfrecord" or options.augment == "pipeline"
    return finished(dataset, options, folder, maps=maps)


def finished(
    dataset: tf.data.Dataset, options: Options, folder: Path, *, maps: bool, prefetches: bool = False
) -> tf.data.Dataset:
    """Batches with the user's own `batch_map` and the prefetch that the options ask for.

    `maps`: it has maps that are to run as many at a time as the options say; `prefetches`: it has a prefetch already.
    """
    if options.batch_map is not None:
        dataset = dataset.map(load_function(options.batch_map, folder), num_parallel_calls=map_calls_of(options))
    if options.map == "none" and (maps or options.batch_map is not None):
        # since 2.21, tf.data makes maps parallel that have no state and don't say how many may run at once
        serial = tf.data.Options()
        serial.experimental_optimization.map_parallelization = False
        dataset = dataset.with_options(serial)
    dataset = _tuned(dataset, options)
    if options.prefetch == 0:
        # tf.data adds a prefetch of its own to a pipeline that ends without one, unless it is told not to
        plain = tf.data.Options()
        plain.experimental_optimization.inject_prefetch = False
        return dataset.with_options(plain)
    return dataset if prefetches else dataset.apply(prefetched(options))


def _tuned(dataset: tf.data.Dataset, options: Options) -> tf.data.Dataset:
    """Run by tf.data as the options say; what they leave alone stays its choice, or the user's own."""
    found = tf.data.Options()
    if not options.deterministic:
        found.deterministic = False
    if options.pipeline_threads is not None:
        found.threading.private_threadpool_size = options.pipeline_threads
    if options.autotune_ram_mib is not None:
        found.autotune.ram_budget = options.autotune_ram_mib * 2**20
    return dataset if found == tf.data.Options() else dataset.with_options(found)


def fill(dataset: tf.data.Dataset) -> None:
    """Draw every element once, which fills the caches that it has.

    Raises InputError where nobody knows how many there are, and they come for longer than a minute: a generator may
    never end.
    """
    if int(dataset.cardinality()) >= 0:
        dataset.reduce(tf.constant(0, tf.int64), lambda count, *_: count + 1)
        return
    ends = time.monotonic() + _FILL_SECONDS
    for count, _ in enumerate(dataset, 1):
        if time.monotonic() > ends:
            what = f"its cache was not full after {_FILL_SECONDS:g} s and {count:,} elements"
            raise InputError(Fault(what, "does it end? `dataset.take(n)` does, or leave the cache out"))


def untuned(dataset: tf.data.Dataset) -> tf.data.Dataset:
    """Without tf.data's autotuning, from which an evaluation is too short to gain: tearing an autotuned pipeline down
    can take as long as it ran, for its thread sleeps for doubling periods."""
    plain = tf.data.Options()
    plain.autotune.enabled = False
    return dataset.with_options(plain)


def _source(split: Split, options: Options, scratch: Path, parallel: int | None) -> tf.data.Dataset:
    """The split's images, converted, one by one; their indices where they lie on the device."""
    if options.source == "device":
        return tf.data.Dataset.range(len(split.labels))
    if options.source == "tfrecord":
        path = write_tfrecord(split, scratch / "train.tfrecord")
        dataset = read_tfrecord(path, split.images.shape[1:], parallel)
        return dataset.map(_converter(options), num_parallel_calls=parallel)
    if options.map == "none":
        return tf.data.Dataset.from_tensor_slices((converted(split.images, options), split.labels))
    dataset = tf.data.Dataset.from_tensor_slices((split.images, split.labels))
    return dataset.map(_converter(options), num_parallel_calls=parallel)


def one_hot_width(elements: Any) -> int | None:
    """Into how many classes labels are spread in batches that look like `elements` (`tf.TypeSpec`s of images and
    labels), as a function of the user's own on batches may do; None: they are numbers of classes."""
    match elements:
        case (_, labels) if isinstance(labels, tf.TensorSpec) and labels.shape.rank == 2:
            width = labels.shape[-1]
            return int(width) if width is not None and width > 1 else None
    return None


def evaluation_pipeline(split: Split, options: Options, batch_size: int, hot: int | None = None) -> tf.data.Dataset:
    """The split once, in order, converted as for training; with `hot`, labels are one-hot vectors of that width."""
    labels = split.labels if hot is None else tf.one_hot(split.labels, hot)
    devices = options.devices if isinstance(options.devices, int) else 1
    size = filling_batch(len(split.labels), batch_size, devices)
    return untuned(tf.data.Dataset.from_tensor_slices((converted(split.images, options), labels)).batch(size))


def converted(images: np.ndarray, options: Options) -> tf.Tensor:
    """uint8 images [N, H, W, C] at the variant's size and pixel type, in main memory; floats are divided by 255 in
    their own type.

    TensorFlow's own operations do it, on both GPU and CPU machines in main memory: their result goes into a pipeline
    without another copy, and for float64 the copy takes longer than the division.
    """
    with tf.device("/CPU:0"):
        pixels = tf.constant(images)
        if options.image_size is not None and images.shape[1:3] != (options.image_size, options.image_size):
            pixels = _resized(pixels, options.image_size)
        return pixels if options.pixels == "uint8" else tf.cast(pixels, options.pixels) / 255


def _resized(pixels: tf.Tensor, side: int) -> tf.Tensor:
    parts = [pixels[start : start + 1024] for start in range(0, max(len(pixels), 1), 1024)]
    return tf.concat([tf.cast(tf.round(tf.image.resize(part, (side, side))), tf.uint8) for part in parts], axis=0)


def _converter(options: Options) -> Callable[[Any, Any], tuple[Any, Any]]:
    dtype = tf.as_dtype(options.pixels)

    def convert(image: Any, label: Any) -> tuple[Any, Any]:
        if options.image_size is not None:
            image = tf.round(tf.image.resize(image, (options.image_size, options.image_size)))
        image = tf.cast(image, dtype)
        return (image if options.pixels == "uint8" else image / 255), label

    return convert


def _augmented(batch: tuple[Any, Any], seed: Any) -> tuple[Any, Any]:
    images, labels = batch
    return flip_and_shift(images, seed), labels
