"""The optical digits of the UCI repository: 1,797 real images that come with the package (see digits.LICENSE.txt)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bench.workload.data.dataset import Split

__all__ = ["CLASSES", "IMAGES", "SHAPE", "read"]

CLASSES = 10
IMAGES = 1_797
SHAPE = (32, 32, 3)

_LEVELS = 16
_ORDER_SEED = 0


def read() -> tuple[Split, Split]:
    """All images as training images, in an order drawn once for all, and no test images.

    The published file goes from writer to writer, so its last images are other people's than its first; drawn at
    random, the images held out are like those trained on. A published pixel counts the inked dots, 0..16, of a 4×4
    block of a 32×32 bitmap: it is scaled to 0..255 and fills its block again, the same in all three channels.
    """
    with np.load(Path(__file__).with_name("digits.npz")) as published:
        counts, labels = published["images"], published["labels"]
    order = np.random.default_rng(_ORDER_SEED).permutation(IMAGES)
    pixels = ((counts[order].astype(np.uint16) * 255 + _LEVELS // 2) // _LEVELS).astype(np.uint8)
    blocks = pixels.repeat(4, axis=1).repeat(4, axis=2)
    images = np.repeat(blocks[..., np.newaxis], SHAPE[2], axis=3)
    return Split(images, labels[order].astype(np.int64)), Split(images[:0], np.empty(0, np.int64))
