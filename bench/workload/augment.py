"""One augmentation, for the pipeline and for the model alike, so that the two places can be compared."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

__all__ = ["FlipAndShift", "flip_and_shift"]

SHIFT = 1 / 8
"""Largest shift, as a share of the image's side (4 pixels of 32, the usual one for CIFAR)."""


def flip_and_shift(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Flip each image left-right with probability ½ and shift it by up to an eighth, filling with zeros.

    `images` is [N, H, W, C] of any type; shape and type stay. `seed` is two integers: equal ones do the same.
    Whole-batch gathers only, so that XLA compiles it too.
    """
    count = tf.shape(images)[0]
    height, width = images.shape[1], images.shape[2]
    down, right = round(height * SHIFT), round(width * SHIFT)
    padded = tf.pad(images, [[0, 0], [down, down], [right, right], [0, 0]])
    seeds = tf.random.experimental.stateless_split(seed, 3)
    top, left, flipped = (
        tf.random.stateless_uniform([count, 1], seeds[i], 0, below, tf.int32)
        for i, below in enumerate((2 * down + 1, 2 * right + 1, 2))
    )
    rows = top + tf.range(height)[None, :]
    columns = tf.range(width)[None, :]
    columns = left + tf.where(flipped == 1, width - 1 - columns, columns)
    shifted = tf.gather(padded, rows, axis=1, batch_dims=1)
    result = tf.gather(shifted, columns, axis=2, batch_dims=1)
    return tf.ensure_shape(result, images.shape)


@keras.saving.register_keras_serializable(package="bench")
class FlipAndShift(keras.layers.Layer):
    """`flip_and_shift` as a layer: on the device, and in training only. Its seeds are state of the model."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.seeds = keras.random.SeedGenerator()

    def call(self, images: Any, training: bool | None = None) -> Any:
        return flip_and_shift(images, self.seeds.next()) if training else images

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape
