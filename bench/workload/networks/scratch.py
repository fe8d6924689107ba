"""Six networks to train from random weights: four as published, and two of our own.

The published figures of the third (2,557,781 parameters and 448 fixed ones on images of 78×78) and of the fifth
(142,866 and 570) don't tell how they were built, so another of their kind and about their size stands in for each.
"""

from __future__ import annotations

from keras import layers

from bench.workload.networks.body import Body, Shape, stacked

__all__ = ["fifth", "first", "fourth", "second", "sixth", "third"]


def first(shape: Shape) -> Body:
    """The handout's simple CNN with a fourth convolution."""
    return stacked(
        "scratch_first",
        shape,
        [
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.Conv2D(64, 3, activation="relu"),
            layers.Flatten(),
        ],
        [layers.Dense(64, activation="relu")],
    )


def second(shape: Shape) -> Body:
    """Three convolutions, each pooled, batch normalisation after the first alone, and two dense layers."""
    return stacked(
        "scratch_second",
        shape,
        [
            *_normalised(layers.Conv2D(32, 3, use_bias=False)),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(128, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
        ],
        [layers.Dense(256, activation="relu"), layers.Dense(64, activation="relu")],
    )


def third(shape: Shape) -> Body:
    """Of our own, for the published one that can't be determined: six convolutions, pooled by twos, batch-normalised
    all."""
    base: list[layers.Layer] = []
    for filters in (32, 64, 128):
        for _ in range(2):
            base += _normalised(layers.Conv2D(filters, 3, padding="same", use_bias=False))
        base.append(layers.MaxPooling2D(2))
    return stacked("scratch_third", shape, [*base, layers.Flatten()], [layers.Dense(256, activation="relu")])


def fourth(shape: Shape) -> Body:
    """Three convolutions of falling size, each pooled, and three wide dense layers."""
    top = [layers.Dense(512, activation="relu") for _ in range(3)]
    return stacked("scratch_fourth", shape, _falling((32, 5), (64, 5), (128, 3)), top)


def fifth(shape: Shape) -> Body:
    """Of our own, for the published one that can't be determined: separable convolutions by twos, averaged at the
    end."""
    base = _normalised(layers.Conv2D(32, 3, padding="same", use_bias=False))
    for filters in (64, 128, 256):
        base.append(layers.MaxPooling2D(2))
        for _ in range(2):
            base += _normalised(layers.SeparableConv2D(filters, 3, padding="same", use_bias=False))
    return stacked("scratch_fifth", shape, [*base, layers.GlobalAveragePooling2D()])


def sixth(shape: Shape) -> Body:
    """Four convolutions of falling size, each pooled, and a dense layer."""
    base = _falling((32, 5), (64, 5), (128, 3), (256, 3))
    return stacked("scratch_sixth", shape, base, [layers.Dense(128, activation="relu")])


def _normalised(convolution: layers.Layer) -> list[layers.Layer]:
    return [convolution, layers.BatchNormalization(), layers.ReLU()]


def _falling(*filters_and_sizes: tuple[int, int]) -> list[layers.Layer]:
    base: list[layers.Layer] = []
    for filters, size in filters_and_sizes:
        base += [layers.Conv2D(filters, size, padding="same", activation="relu"), layers.MaxPooling2D(2)]
    return [*base, layers.Flatten()]
