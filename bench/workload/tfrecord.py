"""Images in TFRecord files: `tf.train.Example` with raw uint8 pixels under `image` and an int64 `label`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tensorflow as tf

from bench.workload.data import Split

__all__ = ["read_tfrecord", "write_tfrecord"]


def write_tfrecord(split: Split, path: Path) -> Path:
    """Write every image of `split` to `path`, uncompressed: raw pixels, so that reading costs no decoding."""
    with tf.io.TFRecordWriter(str(path)) as writer:
        for image, label in zip(split.images, split.labels, strict=True):
            example = tf.train.Example()
            example.features.feature["image"].bytes_list.value.append(image.tobytes())
            example.features.feature["label"].int64_list.value.append(int(label))
            writer.write(example.SerializeToString())
    return path


def read_tfrecord(path: Path, shape: tuple[int, ...], parallel: int | None) -> tf.data.Dataset:
    """`(image uint8 [H, W, C], label int64)` of each record; `parallel` of them are parsed at a time."""
    features = {"image": tf.io.FixedLenFeature([], tf.string), "label": tf.io.FixedLenFeature([], tf.int64)}

    def parse(record: Any) -> tuple[Any, Any]:
        example = tf.io.parse_single_example(record, features)
        return tf.reshape(tf.io.decode_raw(example["image"], tf.uint8), shape), example["label"]

    return tf.data.TFRecordDataset(str(path)).map(parse, num_parallel_calls=parallel)
