"""The optical digits of the UCI repository: 1,797 real images that come with the package (see digits.LICENSE.txt)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bench.workload.data.dataset import Split

__all__ = ["CLASSES", "IMAGES", "SHAPE", "TRAIN_IMAGES", "read"]

CLASSES = 10
IMAGES = 1_797
TRAIN_IMAGES = 1_500
SHAPE = (32, 32, 3)

_LEVELS = 16
_ORDER_SEED = 0


def read() -> tuple[Split, Split]:
    """1,500 images to train on, some of them to be held out, and the other 297 to test on, in an order drawn once.

    The published file goes from writer to writer, so its last images are other people's than its first; drawn at
    random, the images held out and tested are like those trained on. A published pixel counts the inked dots, 0..16,
    of a 4×4 block of a 32×32 bitmap: it is scaled to 0..255 and fills its block again, the same in all three channels.
    """
    with np.load(Path(__file__).with_name("digits.npz")) as published:
        counts, labels = published["images"], published["labels"]
    order = np.random.default_rng(_ORDER_SEED).permutation(IMAGES)
    pixels = ((counts[order].astype(np.uint16) * 255 + _LEVELS // 2) // _LEVELS).astype(np.uint8)
    blocks = pixels.repeat(4, axis=1).repeat(4, axis=2)
    images = np.repeat(blocks[..., np.newaxis], SHAPE[2], axis=3)
    whole = Split(images, labels[order].astype(np.int64))
    return whole[:TRAIN_IMAGES], whole[TRAIN_IMAGES:]
