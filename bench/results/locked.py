"""A file opened under an advisory lock."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path

__all__ = ["Lock", "locked"]

# what file systems without locks answer: some network and user-space mounts, among them mounted cloud drives
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL}


class Lock(IntEnum):
    """Alone, or together with other readers."""

    EXCLUSIVE = fcntl.LOCK_EX
    SHARED = fcntl.LOCK_SH


@contextmanager
def locked(path: Path, flags: int, lock: Lock) -> Iterator[tuple[int, bool]]:
    """Open `path` with `os.open`'s flags and wait for the lock; gives the descriptor, and whether it is locked.

    The lock ends with the descriptor, and so with the process, however that ends.
    """
    fd = os.open(path, flags, 0o644)
    try:
        yield fd, _take(fd, lock)
    finally:
        os.close(fd)


def _take(fd: int, lock: Lock) -> bool:
    try:
        fcntl.flock(fd, lock)
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        return False
    return True
