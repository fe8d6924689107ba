"""One augmentation, for the pipeline and for the model alike, so that the two places can be compared."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

__all__ = ["FlipAndShift", "flip_and_shift"]

SHIFT = 1 / 8
"""Largest shift, as a share of the image's side (4 pixels of 32, the usual one for CIFAR)."""


def flip_and_shift(images: tf.Tensor) -> tf.Tensor:
    """Flip each image left-right with probability ½ and shift it by up to an eighth, filling with zeros.

    `images` is [N, H, W, C] of any type; shape and type stay. Whole-batch gathers only, so that XLA compiles it too.
    """
    count = tf.shape(images)[0]
    height, width = images.shape[1], images.shape[2]
    down, right = round(height * SHIFT), round(width * SHIFT)
    padded = tf.pad(images, [[0, 0], [down, down], [right, right], [0, 0]])
    top = tf.random.uniform([count, 1], 0, 2 * down + 1, tf.int32)
    left = tf.random.uniform([count, 1], 0, 2 * right + 1, tf.int32)
    rows = top + tf.range(height)[None, :]
    columns = tf.range(width)[None, :]
    flipped = tf.random.uniform([count, 1], 0, 2, tf.int32) == 1
    columns = left + tf.where(flipped, width - 1 - columns, columns)
    shifted = tf.gather(padded, rows, axis=1, batch_dims=1)
    result = tf.gather(shifted, columns, axis=2, batch_dims=1)
    return tf.ensure_shape(result, images.shape)


class FlipAndShift(keras.layers.Layer):
    """`flip_and_shift` as a layer: on the device, and in training only."""

    def call(self, images: Any, training: bool | None = None) -> Any:
        return flip_and_shift(images) if training else images

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape
