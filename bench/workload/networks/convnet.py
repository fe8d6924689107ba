"""A plain batch-normalised network whose depth, width and filters a suite may set."""

from __future__ import annotations

from keras import layers

from bench.workload.networks.arguments import COUNT, FLAG, ODD, check_arguments
from bench.workload.networks.body import Body, Shape, stacked

__all__ = ["convnet"]


def convnet(
    shape: Shape, num_blocks: int = 3, num_filters: int = 32, size_filter: int = 3, augment: bool = False
) -> Body:
    """Blocks of a convolution, batch normalisation, ReLU and 2×2 max-pooling, averaged over the image at the end.

    The first of `num_blocks` has `num_filters` filters of `size_filter` squared, each further one twice as many.
    `augment` flips, turns (by up to 36°), zooms and changes contrast (by up to 20 %) at random, in training only.
    Takes pixels of 0..1: with `pixels: uint8` they are rescaled inside the model.
    """
    check_arguments(
        "convnet",
        num_blocks=(num_blocks, COUNT),
        num_filters=(num_filters, COUNT),
        size_filter=(size_filter, ODD),
        augment=(augment, FLAG),
    )
    blocks: list[layers.Layer] = []
    for block in range(num_blocks):
        blocks += [
            layers.Conv2D(num_filters * 2**block, size_filter, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.MaxPooling2D(2),
        ]
    before = _augmentation() if augment else ()
    return stacked("convnet", shape, [*blocks, layers.GlobalAveragePooling2D()], [layers.Dropout(0.3)], before)


def _augmentation() -> tuple[layers.Layer, ...]:
    return (
        layers.RandomFlip("horizontal"),
        layers.RandomRotation(0.1),  # of a full turn
        layers.RandomZoom(0.2),
        layers.RandomContrast(0.2, value_range=(0, 1)),
    )
