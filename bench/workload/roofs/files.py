"""How fast files are read that no page cache holds."""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from bench.workload.roofs.plan import NOT_COLD, NoRoofError, Probe, Task

__all__ = ["cached_share", "drop_from_cache", "file_read"]

_MIB = 2**20
_PROBES = 16
_TURNS = 3


def file_read(task: Task) -> Iterator[Probe]:
    """The probe of a TFRecord file read from disk, from its first byte to its last; work is counted in bytes.

    Its pages are dropped from the system's cache before each pass (`posix_fadvise`). What a hypervisor or a disk's
    own cache holds can't be.
    """
    if isinstance(task.folder, str):
        raise NoRoofError(task.folder)
    _need_room(task.folder, task.plan.file_bytes)
    path = task.folder / "read.tfrecord"
    _write(path, task.plan.file_bytes)
    size = path.stat().st_size
    drop_from_cache(path)
    share = cached_share(path)

    def window() -> tuple[float, float]:
        passes, seconds = 0, 0.0
        while seconds < task.plan.window_seconds:
            drop_from_cache(path)
            began = time.perf_counter()
            _read(path)
            seconds += time.perf_counter() - began
            passes += 1
        return passes * size, seconds

    where = {None: "the page cache asked to drop it each time", 0.0: "dropped from the page cache each time"}
    cold = where.get(share, f"{NOT_COLD}: the page cache kept it")
    window()
    yield Probe("file_read", f"a TFRecord file of {size / _MIB:.0f} MiB in records of 1 MiB, {cold}", window, _TURNS)


def drop_from_cache(path: Path) -> None:
    """Ask the system to forget the pages of a file, whose bytes lie on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


def cached_share(path: Path) -> float | None:
    """About how much of a file the page cache holds (0..1), from places spread over it; None where the file system
    doesn't tell (`RWF_NOWAIT` in preadv(2))."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        size = os.fstat(descriptor).st_size
        held = [_is_held(descriptor, place * size // _PROBES) for place in range(_PROBES)]
    finally:
        os.close(descriptor)
    return None if None in held else sum(map(bool, held)) / _PROBES


def _is_held(descriptor: int, offset: int) -> bool | None:
    try:
        return os.preadv(descriptor, [bytearray(1)], offset, os.RWF_NOWAIT) > 0
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno in (errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL):
            return None
        raise


def _need_room(folder: Path, file_bytes: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < 2 * file_bytes:
        raise NoRoofError(
            f"no room: {free / _MIB:,.0f} MiB are free where results lie, twice {file_bytes / _MIB:,.0f} wanted"
        )


def _write(path: Path, file_bytes: int) -> None:
    """Records of 1 MiB, of bytes that no file system can compress; they lie on the disk when this returns."""
    draw = np.random.default_rng(0)
    record = min(_MIB, file_bytes)
    with tf.io.TFRecordWriter(str(path)) as writer:
        for _ in range(file_bytes // record):
            writer.write(draw.bytes(record))
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)  # what isn't written yet can't be dropped
    finally:
        os.close(descriptor)


def _read(path: Path) -> None:
    def add(total: Any, record: Any) -> Any:
        return total + tf.strings.length(record)

    # a reduction: every record passes through tf.data, and none through Python
    tf.data.TFRecordDataset(str(path)).reduce(0, add).numpy()
