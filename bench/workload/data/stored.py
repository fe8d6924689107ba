"""A decoded data set on disk, so that many processes share one copy through the page cache."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

import numpy as np

from bench.errors import Fault, InputError
from bench.results.record import DataInfo
from bench.workload.data.dataset import DataSet, Split

__all__ = ["open_stored", "store", "store_info", "stored_info"]

_INFO = "info.json"
_SPLITS = ("train", "held_out", "test")


def store(dataset: DataSet, folder: Path) -> None:
    """Write the arrays as .npy files and `info.json` into `folder`, which is made.

    Raises InputError where they don't fit there, or can't be written.
    """
    splits: dict[str, Split] = {name: getattr(dataset, name) for name in _SPLITS}
    wanted = sum(split.images.nbytes + split.labels.nbytes for split in splits.values())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if wanted > (free := shutil.disk_usage(folder).free):
            raise OSError(errno.ENOSPC, f"{_mib(free)} are free")
        for name, split in splits.items():
            np.save(folder / f"{name}_images.npy", split.images)
            np.save(folder / f"{name}_labels.npy", split.labels)
        store_info(dataset.info, folder)
    except OSError as error:
        what = f"the copy of {dataset.info.name} that all processes read takes {_mib(wanted)}"
        hint = "make room there, or let TMPDIR name a folder on a larger disk"
        place = folder.parent.parent  # of the folder that is made for this run alone
        raise InputError(Fault(f"{what}, and can't be written ({error.strerror or error})", hint, place)) from error


def _mib(count: int) -> str:
    return f"{count / 2**20:,.1f} MiB"


def open_stored(folder: Path) -> DataSet:
    """The data set stored in `folder`, its arrays mapped and read-only: pages are read as they are used."""
    train, held_out, test = (
        Split(
            np.load(folder / f"{name}_images.npy", mmap_mode="r"), np.load(folder / f"{name}_labels.npy", mmap_mode="r")
        )
        for name in _SPLITS
    )
    return DataSet(train, held_out, test, stored_info(folder))


def stored_info(folder: Path) -> DataInfo:
    """What is said of the data set stored in `folder`."""
    return DataInfo.model_validate_json((folder / _INFO).read_text(encoding="utf-8"))


def store_info(info: DataInfo, folder: Path) -> None:
    """Write what there is to be said of data that no arrays hold into `folder`, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _INFO).write_text(info.model_dump_json(), encoding="utf-8")
