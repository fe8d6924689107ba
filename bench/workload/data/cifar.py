"""Decodes a published archive, packed or unpacked, without writing anything."""

from __future__ import annotations

import hashlib
import math
import os
import tarfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.errors import Fault, InputError
from bench.support.files import RefusedError, open_regular, read_regular
from bench.workload.data.archives import Archive
from bench.workload.data.dataset import Split
from bench.workload.data.places import how_to_get
from bench.workload.data.unpickle import MAX_BYTES, unpickle

__all__ = ["SHAPE", "md5_of", "read"]

SHAPE = (32, 32, 3)

_PIXELS = math.prod(SHAPE)


def read(archive: Archive, path: Path) -> tuple[Split, Split]:
    """Training and test images of the archive file or the unpacked folder at `path`, in the archive's order.

    A file must have the archive's MD5. A folder may hold another number of images than the published one. Raises
    InputError for what is truncated, changed, or not of this form.
    """
    try:
        members = _from_folder(archive, path) if path.is_dir() else _from_file(archive, path)
    except OSError as error:
        raise InputError(Fault(f"can't be read: {error.strerror or error}", file=path)) from error
    return _join(archive, path, members, archive.train), _join(archive, path, members, archive.test)


def md5_of(path: Path) -> str:
    """MD5 of a file, in hex."""
    with os.fdopen(open_regular(path, follow=True), "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _from_folder(archive: Archive, folder: Path) -> dict[str, bytes]:
    def content(file: Path) -> bytes:
        try:
            return read_regular(file, MAX_BYTES, follow=True)
        except RefusedError as error:
            raise InputError(Fault(f"{error.strerror}", "a pickle of images is wanted here", file=file)) from error

    return {name: content(folder / name) for name in archive.members}


def _from_file(archive: Archive, path: Path) -> dict[str, bytes]:
    def damaged(what: str) -> InputError:
        return InputError(Fault(what, f"delete it, then {how_to_get(archive)}", file=path))

    if (md5 := md5_of(path)) != archive.md5:
        size = f"{path.stat().st_size:,} bytes with the MD5 {md5}"
        raise damaged(f"{archive.file} is truncated or changed: {size}, not {archive.size:,} with {archive.md5}")
    wanted = {f"{archive.folder}/{name}": name for name in archive.members}
    members: dict[str, bytes] = {}
    try:
        # a stream: gzip can't seek back without unpacking again from the start
        with tarfile.open(path, "r|gz") as tar:
            for entry in tar:
                if entry.name not in wanted:
                    continue
                if not entry.isreg() or entry.size > MAX_BYTES:
                    raise damaged(f"{entry.name} in it is no file of at most {MAX_BYTES:,} bytes")
                content = tar.extractfile(entry)
                members[wanted[entry.name]] = content.read() if content else b""
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise damaged(f"{archive.file} can't be unpacked: {error}") from error
    if absent := [name for name in wanted if wanted[name] not in members]:
        raise damaged(f"{', '.join(absent)} missing in it")
    return members


def _join(archive: Archive, path: Path, members: dict[str, bytes], names: tuple[str, ...]) -> Split:
    batches = [_batch(archive, members.pop(name), f"{path}/{name}") for name in names]
    return Split(np.concatenate([batch.images for batch in batches]), np.concatenate([b.labels for b in batches]))


def _batch(archive: Archive, pickled: bytes, where: str) -> Split:
    """One pickle's images, the colour planes [N, 3, 32, 32] of the file turned to [N, 32, 32, 3], and labels."""
    content = unpickle(pickled, where)
    data = _entry(content, "data", where)
    labels = _entry(content, archive.label_key, where)
    if not isinstance(data, np.ndarray) or data.dtype != np.uint8 or data.shape[1:] != (_PIXELS,):
        raise InputError(Fault(f"`data` is {_form(data)}", f"it must be uint8 [N, {_PIXELS}]", file=where))
    return Split(_pixels(data), _labels(archive, labels, len(data), where))


def _entry(content: Any, key: str, where: str) -> Any:
    # Python 2 wrote the published pickles, so their keys are bytes; a pickle written again has str
    for form in (key.encode(), key):
        if isinstance(content, dict) and form in content:
            return content[form]
    raise InputError(Fault(f"no entry `{key}`", "it must be a dict with `data` and labels", file=where))


def _pixels(data: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width, channels = SHAPE
    return np.ascontiguousarray(data.reshape(-1, channels, height, width).transpose(0, 2, 3, 1))


def _labels(archive: Archive, labels: Any, images: int, where: str) -> NDArray[np.int64]:
    try:
        array = np.asarray(labels)
    except ValueError:  # lists of unequal length
        array = np.asarray(None)
    if array.ndim != 1 or not (np.issubdtype(array.dtype, np.integer) or not array.size):
        raise InputError(Fault(f"`{archive.label_key}` is {_form(array)}", "it must be whole numbers [N]", file=where))
    if len(array) != images:
        raise InputError(Fault(f"{images:,} images but {len(array):,} labels", file=where))
    if array.size and (array.min() < 0 or array.max() >= archive.classes):
        what = f"labels from {array.min()} to {array.max()}"
        raise InputError(Fault(what, f"they must lie in 0..{archive.classes - 1}", file=where))
    return array.astype(np.int64)


def _form(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {list(value.shape)}"
    return f"a {type(value).__name__}"
