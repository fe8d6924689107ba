"""Weights taken out of a file that anyone may have written: numbers, and nothing else.

A `.keras` file is a zip archive of a network's description and an HDF5 file of its weights. The description, which can
name any class, is never read. The HDF5 file can hold links to other files, storage in them, sizes beyond any memory,
and filters that are loaded as libraries: it is asked only for the arrays that the network has, by their full names,
and each is taken only if it lies plainly in the file and has the network's own shape. Keras then loads them from a file
that was written here.
"""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np

from bench.errors import Fault, InputError
from bench.support.exception_text import exception_text

__all__ = ["load_weights", "read_weights"]

_MEMBER = "model.weights.h5"
_SPARE_BYTES = 2**24
"""A file has besides weights: the network's description above all, 3 MB of the largest network."""


class _StrangeError(Exception):
    """What is wrong with a file, in words."""


def load_weights(model: keras.Model, path: Path, scratch: Path) -> None:
    """Put the weights in the `.keras` file at `path` into `model`. Raises InputError where they aren't just its own.

    A file of them is written to the folder `scratch`, and taken away again.
    """
    own = scratch / "own.weights.h5"
    try:
        model.save_weights(own)
        found = read_weights(own, path)
        with h5py.File(own, "r+") as file:
            for name, array in found.items():
                file[name][...] = array
        model.load_weights(own)
    finally:
        own.unlink(missing_ok=True)


def read_weights(own: Path, path: Path) -> dict[str, np.ndarray]:
    """The arrays in the `.keras` file at `path`, by their names in `own`, which is a file of weights that the network
    itself has saved. Raises InputError where one of them isn't there, or is of another shape."""
    try:
        content = _member(path, 2 * own.stat().st_size + _SPARE_BYTES)
        with h5py.File(own, "r") as ours, h5py.File(BytesIO(content), "r") as theirs:
            return {name: _array(theirs.id, name, like) for name, like in _arrays(ours)}
    except _StrangeError as error:
        why = str(error)
    except Exception as error:  # h5py and zipfile each raise their own kinds
        why = f"the file is damaged: {exception_text(error)}"
    hint = "`bench run` with `train.keep_weights` makes it anew"
    raise InputError(Fault(f"these aren't the weights of this network: {why}", hint, path))


def _member(path: Path, most: int) -> bytes:
    """The HDF5 file in the archive. Keras stores it as it is: nothing is unpacked."""
    size = path.stat().st_size
    if size > most:
        raise _StrangeError(f"the file has {size:,} bytes, and theirs can't be more than {most:,}")
    with zipfile.ZipFile(path) as archive:
        if _MEMBER not in archive.namelist():
            raise _StrangeError(f"the archive holds no {_MEMBER}")
        info = archive.getinfo(_MEMBER)
        if info.compress_type != zipfile.ZIP_STORED or info.file_size > size:
            raise _StrangeError(f"{_MEMBER} is compressed, which Keras never does")
        return archive.read(info)


def _arrays(file: h5py.File) -> Iterator[tuple[str, h5py.Dataset]]:
    found: list[tuple[str, h5py.Dataset]] = []

    def visit(name: str, part: Any) -> None:
        if isinstance(part, h5py.Dataset):
            found.append((name, part))

    file.visititems(visit)
    return iter(found)


def _array(file: Any, name: str, like: h5py.Dataset) -> np.ndarray:
    """The array of that name, as the network has it. By h5py's lower half: the upper one follows links."""
    place = h5py.h5g.open(file, b"/")
    for part in name.encode().split(b"/"):
        if not isinstance(place, h5py.h5g.GroupID) or part not in place:
            raise _StrangeError(f"there is no {name}")
        if place.links.get_info(part).type != h5py.h5l.TYPE_HARD:
            raise _StrangeError(f"{name} is a link")
        place = h5py.h5o.open(place, part)
    if not isinstance(place, h5py.h5d.DatasetID):
        raise _StrangeError(f"{name} is no array")
    _check_plain(place, name)
    _check_alike(place, name, like)
    array = np.empty(like.shape, like.dtype)
    place.read(h5py.h5s.ALL, h5py.h5s.ALL, array)
    return array


def _check_plain(array: Any, name: str) -> None:
    """Whether it lies in the file as it is; looked at before anything that would open what it refers to."""
    made = array.get_create_plist()
    if made.get_layout() not in (h5py.h5d.COMPACT, h5py.h5d.CONTIGUOUS) or made.get_external_count():
        raise _StrangeError(f"{name} isn't stored in the file as it is")
    if made.get_nfilters():
        raise _StrangeError(f"{name} is compressed")


def _check_alike(array: Any, name: str, like: h5py.Dataset) -> None:
    kind, wanted = array.get_type(), like.id.get_type()
    if array.get_space().get_simple_extent_type() == h5py.h5s.NULL or array.shape != like.shape:
        shapes = (_shape(one) for one in (array.shape, like.shape))
        raise _StrangeError(f"{name} is {' and not '.join(shapes)}")
    if kind.get_class() != wanted.get_class() or kind.get_size() > 8:
        raise _StrangeError(f"{name} isn't of {like.dtype}")
    if array.get_storage_size() != math.prod(like.shape) * kind.get_size():
        raise _StrangeError(f"not all of {name} is there")


def _shape(shape: tuple[int, ...] | None) -> str:
    return "×".join(map(str, shape)) if shape else "one number" if shape == () else "nothing"
