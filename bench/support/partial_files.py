"""Files that aren't whole yet: each lies beside the one that it is to become, and is locked by who writes it.

The kernel takes the lock away with the process that holds it: so one that can be locked has lost its writer, and is
removed. The names hold the kernel's boot id, since locks say nothing of another machine that shares the folder.
"""

from __future__ import annotations

import fcntl
import math
import os
import re
import secrets
import stat
import time
from contextlib import suppress
from pathlib import Path

__all__ = ["boot_mark", "partial_file", "remove_partial_files"]

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_NAME = re.compile(r"\..*\.[0-9a-f]{8}(\.[0-9a-f]{8})?\.new", re.DOTALL)
_LONGEST_PART = 100
"""Bytes of a file's name in the name of the one beside it: all of it may be too much for a file system."""
_IDLE_SECONDS = 3600.0


def partial_file(path: Path) -> tuple[Path, int]:
    """An empty file beside `path`, open to be written by this process alone; its name, and the descriptor.

    The name is the same until this machine is started anew, so that what a killed process left is no more than one
    file, and is used again. Where another process is at work on that, or there are no locks to tell, it is one of its
    own.
    """
    start = f".{path.name.encode()[:_LONGEST_PART].decode(errors='ignore')}.{boot_mark()}"
    usual = path.with_name(f"{start}.new")
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with suppress(OSError):
        if os.path.lexists(usual) and (not stat.S_ISREG(usual.lstat().st_mode) or usual.lstat().st_nlink > 1):
            usual.unlink()  # nothing of ours
        fd = os.open(usual, flags, 0o666)
        locked = _locked(fd)
        if locked and _lies_at(fd, usual):
            os.ftruncate(fd, 0)
            return usual, fd
        os.close(fd)
        if locked is None:
            usual.unlink()  # nobody writes to it then
    while True:
        own = path.with_name(f"{start}.{secrets.token_hex(4)}.new")
        fd = os.open(own, flags | os.O_EXCL, 0o666)
        if (locked := _locked(fd)) is None or (locked and _lies_at(fd, own)):
            return own, fd
        os.close(fd)  # it was taken for left


def boot_mark() -> str:
    """Eight digits that stand for this machine until it is started anew, in the names of what locks tell of: they say
    nothing of another machine that shares a folder."""
    try:
        return _BOOT_ID.read_text()[:8]
    except OSError:  # another one then each time: nothing that can be found again
        return os.urandom(4).hex()


def remove_partial_files(folder: Path) -> list[int]:
    """Remove what killed processes have left of files in `folder` and below that weren't whole; gives their bytes.

    One that a process of this machine is at work on is locked. One of another machine, or of this one before it was
    started anew, stays until it has been as it is for an hour.
    """
    here, hour_ago = f".{boot_mark()}.", time.time() - _IDLE_SECONDS
    found = [
        _removed(Path(at, name), math.inf if here in name else hour_ago)
        for at, _, names in os.walk(folder)
        for name in names
        if _NAME.fullmatch(name)
    ]
    return [size for size in found if size is not None]


def _locked(fd: int) -> bool | None:
    """Lock the file open at `fd`; False where another process has, None where there are no locks."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _lies_at(fd: int, path: Path) -> bool:
    """Is the file open at `fd` a regular one, and there by this name alone?"""
    status = os.fstat(fd)
    with suppress(FileNotFoundError):
        return stat.S_ISREG(status.st_mode) and status.st_nlink == 1 and os.path.samestat(status, path.lstat())
    return False


def _removed(path: Path, changed_since: float) -> int | None:
    """Remove the partial_file file if nobody is at work on it; gives its bytes, None where it stays."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:  # no file, or another user's, or gone meanwhile
        return None
    try:
        about = os.fstat(fd)
        ours = about.st_uid == os.geteuid() and about.st_mtime <= changed_since
        if not ours or not _locked(fd) or not _lies_at(fd, path):
            return None
        path.unlink()
    except OSError:
        return None
    finally:
        os.close(fd)
    return about.st_size
