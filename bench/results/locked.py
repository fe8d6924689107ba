"""A file opened under an advisory lock."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path

from bench.support.files import open_regular

__all__ = ["Lock", "locked"]

# what file systems without locks answer: some network and user-space mounts, among them mounted cloud drives
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL}
_TRIES = 100
"""Some user-space mounts number a file anew each time that they are asked: then it is never the same one."""
_PATIENCE_SECONDS = 1.0
"""How long a folder is made again that somebody else takes away each time before a file can lie in it."""


class Lock(IntEnum):
    """Alone, or together with other readers."""

    EXCLUSIVE = fcntl.LOCK_EX
    SHARED = fcntl.LOCK_SH


@contextmanager
def locked(path: Path, flags: int, lock: Lock) -> Iterator[tuple[int, bool]]:
    """Open the regular file at `path` with `os.open`'s flags and wait for the lock; gives the descriptor, and whether
    it is locked. Raises what `bench.support.files.open_regular` raises.

    With `O_CREAT` its folder is made too. Who held the lock may have put another file in this one's place, or taken it
    away: what lies there by then is opened. The lock ends with the descriptor, and so with the process, however that
    ends.
    """
    fd, has_lock = _opened(path, flags, lock)
    try:
        yield fd, has_lock
    finally:
        os.close(fd)


def _opened(path: Path, flags: int, lock: Lock) -> tuple[int, bool]:
    tries_left, deadline = _TRIES, time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            fd = _open(path, flags)
        except (FileExistsError, FileNotFoundError):  # a folder went just as it was looked at, or made
            if flags & os.O_CREAT and time.monotonic() < deadline:
                continue
            raise
        tries_left -= 1
        try:
            has_lock = _take(fd, lock)
            if not has_lock or _lies_at(fd, path) or not tries_left:
                return fd, has_lock
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)


def _open(path: Path, flags: int) -> int:
    try:
        return open_regular(path, flags, 0o644)
    except FileNotFoundError:
        if not flags & os.O_CREAT:
            raise
    path.parent.mkdir(parents=True, exist_ok=True)
    return open_regular(path, flags, 0o644)


def _take(fd: int, lock: Lock) -> bool:
    try:
        fcntl.flock(fd, lock)
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        return False
    return True


def _lies_at(fd: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(fd), path.stat())
    except FileNotFoundError:
        return False
