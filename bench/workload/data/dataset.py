"""What a data set is once it is decoded, and how its training images are divided."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from bench.results.record import DataInfo

__all__ = ["DataSet", "Split", "digest", "divide"]


@dataclass(frozen=True, eq=False)
class Split:
    """Images, uint8 [N, H, W, C] with pixels 0..255, and their labels, int64 [N]."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, part: slice) -> Split:
        return Split(self.images[part], self.labels[part])

    def of_classes(self, classes: Sequence[int]) -> Split:
        """The images of these classes, in the order that they have here, with the labels that they have here."""
        kept = np.isin(self.labels, classes)
        return Split(self.images[kept], self.labels[kept])


@dataclass(frozen=True, eq=False)
class DataSet:
    """What a cell trains on, what is held out from training, the test images, and what a record says of them."""

    train: Split
    held_out: Split
    test: Split
    info: DataInfo


def divide(train: Split, held_out: float) -> tuple[Split, Split]:
    """Training images and the last `held_out` share of them, in their order.

    floor(n × (1 − held_out)) of n images are trained on, reckoned with the decimal fraction as it is written, so
    that 0.15 of 20 is 3 whatever binary floating point makes of it.
    """
    n = int(len(train) * (1 - Fraction(str(held_out))))
    return train[:n], train[n:]


def digest(*splits: Split) -> str:
    """First 16 hex digits of SHA-256 over the shape, the pixels and the labels of each split, in this order."""
    hasher = hashlib.sha256()
    for split in splits:
        hasher.update(repr(split.images.shape).encode())
        hasher.update(np.ascontiguousarray(split.images).data)
        hasher.update(np.ascontiguousarray(split.labels, dtype="<i8").data)
    return hasher.hexdigest()[:16]
