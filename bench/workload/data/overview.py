"""What data sets there are, and which of them are on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bench.errors import InputError
from bench.suite.spec import DataSpec
from bench.workload.data import cifar, digits
from bench.workload.data.archives import ARCHIVES, Archive, Archives
from bench.workload.data.places import find, how_to_get, not_found, places, shown

__all__ = ["Known", "known"]


@dataclass(frozen=True)
class Known:
    """A data set by name. `size` is the bytes of its archive or file; where `found` is None, `fault` says why.

    `damaged`: something is there that a run would refuse.
    """

    name: str
    train_images: int
    test_images: int
    classes: int
    shape: tuple[int, int, int]
    size: int | None
    found: str | None
    fault: str | None = None
    damaged: bool = False


def known(data_dir: Path | None = None, *, archives: Archives = ARCHIVES) -> tuple[Known, ...]:
    """Every known data set, archives being looked for as a run does. Files' sizes are checked, not their MD5."""
    own = Path(digits.__file__).with_name("digits.npz")
    default = DataSpec(name="synthetic")
    return (
        *(_archived(archive, data_dir) for archive in archives.values()),
        Known(
            "digits",
            digits.TRAIN_IMAGES,
            digits.IMAGES - digits.TRAIN_IMAGES,
            digits.CLASSES,
            digits.SHAPE,
            own.stat().st_size,
            "comes with the package",
        ),
        Known(
            "synthetic", default.images, default.test_images, default.classes, default.shape, None, "made from a seed"
        ),
    )


def _archived(archive: Archive, data_dir: Path | None) -> Known:
    found, fault, damaged = None, None, False
    where = places(data_dir)
    try:
        path = find(archive, where)
        if path is None:
            fault = f"{not_found(archive, where)}; {how_to_get(archive)}"
        elif path.is_file() and (size := path.stat().st_size) != archive.size:
            fault = f"{shown(path)}: {size:,} bytes instead of {archive.size:,}; delete it, then {how_to_get(archive)}"
            damaged = True
        else:
            found = shown(path)
    except InputError as error:
        fault, damaged = str(error), True
    return Known(
        archive.name,
        archive.train_images,
        archive.test_images,
        archive.classes,
        cifar.SHAPE,
        archive.size,
        found,
        fault,
        damaged,
    )
