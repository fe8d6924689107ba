"""A decoded data set on disk, so that many processes share one copy through the page cache."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bench.results.record import DataInfo
from bench.workload.data.dataset import DataSet, Split

__all__ = ["open_stored", "store"]

_SPLITS = ("train", "held_out", "test")


def store(dataset: DataSet, folder: Path) -> None:
    """Write the arrays as .npy files and `info.json` into `folder`, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in _SPLITS:
        split: Split = getattr(dataset, name)
        np.save(folder / f"{name}_images.npy", split.images)
        np.save(folder / f"{name}_labels.npy", split.labels)
    (folder / "info.json").write_text(dataset.info.model_dump_json(), encoding="utf-8")


def open_stored(folder: Path) -> DataSet:
    """The data set stored in `folder`, its arrays mapped and read-only: pages are read as they are used."""
    train, held_out, test = (
        Split(
            np.load(folder / f"{name}_images.npy", mmap_mode="r"), np.load(folder / f"{name}_labels.npy", mmap_mode="r")
        )
        for name in _SPLITS
    )
    info = DataInfo.model_validate_json((folder / "info.json").read_text(encoding="utf-8"))
    return DataSet(train, held_out, test, info)
