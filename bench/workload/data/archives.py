"""The published archives: what each is called, where it comes from, and what lies in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bench.workload.data.label_names import CIFAR10_NAMES, CIFAR100_NAMES

__all__ = ["ARCHIVES", "Archive", "Archives"]


@dataclass(frozen=True)
class Archive:
    """A data set published as a tar.gz of pickles, its images uint8 [N, 3072]: 32×32, the colour planes in a row.

    `folder` is what the archive unpacks to and holds the pickles `train` and `test`; `label_key` is the labels' key in
    each. `size` is the archive's, in bytes. `train_images` and `test_images` are the published numbers.
    """

    name: str
    file: str
    folder: str
    url: str
    md5: str
    size: int
    train: tuple[str, ...]
    test: tuple[str, ...]
    label_key: str
    label_names: tuple[str, ...]
    train_images: int = 50_000
    test_images: int = 10_000

    @property
    def classes(self) -> int:
        return len(self.label_names)

    @property
    def members(self) -> tuple[str, ...]:
        return self.train + self.test


Archives = Mapping[str, Archive]
"""The archives by the name of their data set."""

ARCHIVES: Archives = {
    "cifar100": Archive(
        name="cifar100",
        file="cifar-100-python.tar.gz",
        folder="cifar-100-python",
        url="https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",
        md5="eb9058c3a382ffc7106e4002c42a8d85",
        size=169_001_437,
        train=("train",),
        test=("test",),
        label_key="fine_labels",
        label_names=CIFAR100_NAMES,
    ),
    "cifar10": Archive(
        name="cifar10",
        file="cifar-10-python.tar.gz",
        folder="cifar-10-batches-py",
        url="https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
        md5="c58f30108f718f92721af3b95e74349a",
        size=170_498_071,
        train=("data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5"),
        test=("test_batch",),
        label_key="labels",
        label_names=CIFAR10_NAMES,
    ),
}
"""The archives of A. Krizhevsky's CIFAR page, https://www.cs.toronto.edu/~kriz/cifar.html, with its MD5 sums."""
