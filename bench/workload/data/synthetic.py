"""Images made from a seed, with classes that a convolution can tell apart and a weighted sum of pixels can't.

An image is a wave of light and dark in a soft window. Its class is which way the wave runs, how fine it is, and which
channels it moves together or against each other; phase, place, contrast and ground colour are random. The phase makes
every pixel's mean the same in all classes, so that a linear model finds nothing in the pixels, while filters tuned to
a direction and a fineness find the class anywhere. Directions span a quarter turn, so a mirrored image keeps its class.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.workload.data.dataset import Split

__all__ = ["make"]

Floats = NDArray[np.float32]

_FINENESS = (0.09, 0.32)  # cycles a pixel: periods of 11 to 3 pixels fit into 8×8 images too
# signs of the channels, repeated where there are more; their opposites are the same at another phase, so that two
# channels know the first two and one channel the first
_COLOURS = ((1, 1, 1), (1, -1, 1), (1, 1, -1), (-1, 1, 1))
# grey levels
_CONTRASTS = (16, 80)
_NOISE = 64  # to either side
_GROUND = 32  # to either side


def make(
    shape: tuple[int, int, int],
    classes: int,
    images: int,
    *,
    seed: int,
    part: int = 0,
    kept: Sequence[int] | None = None,
) -> Split:
    """`images` images of `shape` (H, W, C), as many of each class as of any other (or one more), in a random order.

    `part` tells apart the draws of one seed: training and test images. With `kept`, only the images of these labels
    are made, and they are the same, in the same order, as they would be among all.
    """
    labels = np.random.default_rng((seed, part)).permutation(np.arange(images) % classes)
    if kept is not None:
        labels = labels[np.isin(labels, kept)]
    made = np.empty((len(labels), *shape), np.uint8)
    signals = _Signals.spread(classes, shape[2])
    for label in np.unique(labels):
        where = np.flatnonzero(labels == label)
        made[where] = signals.draw(int(label), len(where), shape, np.random.default_rng((seed, part, int(label))))
    return Split(made, labels.astype(np.int64))


@dataclass(frozen=True)
class _Signals:
    """How many colours, directions and finenesses the classes are spread over: their product is at least `classes`."""

    colours: int
    directions: int
    finenesses: int

    @classmethod
    def spread(cls, classes: int, channels: int) -> _Signals:
        colours = min({1: 1, 2: 2}.get(channels, len(_COLOURS)), classes)
        waves = math.ceil(classes / colours)
        finenesses = max(1, round(math.sqrt(waves / 2)))
        return cls(colours, math.ceil(waves / finenesses), finenesses)

    def draw(self, label: int, count: int, shape: tuple[int, int, int], rng: np.random.Generator) -> NDArray[np.uint8]:
        """`count` images [count, H, W, C] of one class."""
        height, width, channels = shape
        colour = np.resize(np.array(_COLOURS[label % self.colours], np.float32), channels)
        wave = self._waves(label // self.colours, count, height, width, rng)
        ground = rng.uniform(128 - _GROUND, 128 + _GROUND, (count, 1, 1, channels)).astype(np.float32)
        noise = np.frombuffer(rng.bytes(count * height * width * channels), np.int8).reshape(count, *shape)
        images = wave[..., np.newaxis] * colour
        images += noise * np.float32(_NOISE / 128)
        images += ground
        return np.clip(images, 0, 255, out=images).astype(np.uint8)

    def _waves(self, index: int, count: int, height: int, width: int, rng: np.random.Generator) -> Floats:
        """Windowed waves [count, H, W], each the sum of two products of a row and a column.

        A wave is sin(x-phase + y-phase) = sin·cos + cos·sin, and the window is Gaussian, so that both are separable.
        """
        fineness, direction = divmod(index, self.directions)
        low, high = np.log(_FINENESS)

        def jittered(place: float) -> NDArray[np.float64]:
            return place + rng.uniform(0.25, 0.75, count)

        frequency = np.exp(low + (high - low) * jittered(fineness) / self.finenesses)
        angle = np.pi / 2 * jittered(direction) / self.directions
        x_phases = 2 * np.pi * np.outer(frequency * np.cos(angle), np.arange(width))
        y_phases = 2 * np.pi * np.outer(frequency * np.sin(angle), np.arange(height))
        x_phases += rng.uniform(0, 2 * np.pi, (count, 1))
        rows = _window(height, count, rng) * np.stack([np.sin(y_phases), np.cos(y_phases)])
        columns = _window(width, count, rng) * np.stack([np.cos(x_phases), np.sin(x_phases)])
        rows *= rng.uniform(*_CONTRASTS, (count, 1))
        waves: Floats = np.einsum("pnh,pnw->nhw", rows.astype(np.float32), columns.astype(np.float32))
        return waves


def _window(side: int, count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Bells [count, side] around a place in the middle half, a quarter to a half of the side wide."""
    centres = rng.uniform(0.25, 0.75, (count, 1)) * side
    widths = rng.uniform(0.25, 0.5, (count, 1)) * side
    bells: NDArray[np.float64] = np.exp(-0.5 * ((np.arange(side) + 0.5 - centres) / widths) ** 2)
    return bells
