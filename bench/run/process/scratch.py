"""Folders for as long as a block lasts, and the removal of what killed runs have left.

A folder is locked before it gets its name, and the kernel takes the lock away with the process that holds it: so a
folder of that name that can be locked has lost its owner. The name holds the kernel's boot id, since locks say nothing
of another machine that shares the folder above; nothing is removed that lies behind a link or belongs to another user.
What a machine left that was then started anew stays: it can't be determined from another machine's.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.host.doctor.sizes import size
from bench.support.partial_files import boot_mark, remove_partial_files

__all__ = ["BESIDE_RESULTS", "scratch_folder", "sweep"]

BESIDE_RESULTS = ".bench-"
"""The beginning of the names of those that lie among results: hidden there."""

_NEW = "new-"
_NAMELESS_SECONDS = 3600.0
"""A folder is without its name for the moment that it takes to lock it."""


@contextmanager
def scratch_folder(within: Path | None = None, prefix: str = "bench-") -> Iterator[Path]:
    """An empty folder in `within`, or in TMPDIR, that is removed with all that is in it at the end of the block.

    Raises OSError where there can be none.
    """
    within = Path(tempfile.gettempdir()) if within is None else within
    start = _prefix(prefix)
    new = Path(tempfile.mkdtemp(prefix=start + _NEW, dir=within))
    folder = new.with_name(start + new.name.removeprefix(start + _NEW))
    try:
        fd = os.open(new, os.O_RDONLY | os.O_DIRECTORY)
        try:
            with suppress(OSError):  # without locks, as on some network drives, nothing is ever swept there
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            new.rename(folder)
            yield folder
        finally:
            # while it is locked: otherwise another run could take it for left, and tell of it
            for one in (new, folder):
                shutil.rmtree(one, ignore_errors=True)
            os.close(fd)
    finally:
        with suppress(OSError):
            new.rmdir()


def sweep(root: Path, notice: Callable[[str], None]) -> None:
    """Remove the folders that this machine's killed runs have left, in TMPDIR and among the results under `root`, and
    the files there and among the hosts that they hadn't written whole.

    `notice` is told of what was removed.
    """
    temporary, results, hosts = Path(tempfile.gettempdir()), root / "results", root / "hosts"
    for within, held, what in (
        (temporary, _swept(temporary, _prefix("bench-")), "folder"),
        (results, _swept(results, _prefix(BESIDE_RESULTS)), "folder"),
        (results, remove_partial_files(results), "file"),
        (hosts, remove_partial_files(hosts), "file"),
    ):
        if held:
            count = f"{len(held)} {what}{'s' if len(held) > 1 else ''}"
            notice(f"removed {count} ({size(sum(held))}) that killed runs had left in {within}")


def _swept(within: Path, start: str) -> list[int]:
    """What each folder held that was removed, in bytes."""
    try:
        parent = os.open(within, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return []
    try:
        nameless = time.time() - _NAMELESS_SECONDS
        found = [
            _removed(parent, name, nameless if name.startswith(start + _NEW) else None)
            for name in os.listdir(parent)  # noqa: PTH208 - of the very folder that is opened
            if name.startswith(start)
        ]
    finally:
        os.close(parent)
    return [held for held in found if held is not None]


def _prefix(prefix: str) -> str:
    """The beginning of the names of all that this machine makes until it is started anew."""
    return f"{prefix}{boot_mark()}-"


def _removed(parent: int, name: str, unchanged_since: float | None) -> int | None:
    """Remove the folder if nobody holds it; gives what it held in bytes, None where it stays."""
    try:
        fd = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=parent)
    except OSError:  # no folder, or another user's, or gone meanwhile
        return None
    try:
        about = os.fstat(fd)
        if about.st_uid != os.geteuid() or (unchanged_since is not None and about.st_mtime > unchanged_since):
            return None
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        held = _size(fd)
        shutil.rmtree(name, ignore_errors=True, dir_fd=parent)
        return None if _is_there(parent, name) else held
    except OSError:  # it is held, or there are no locks
        return None
    finally:
        os.close(fd)


def _is_there(parent: int, name: str) -> bool:
    try:
        os.lstat(name, dir_fd=parent)
    except FileNotFoundError:
        return False
    return True


def _size(folder: int) -> int:
    """Bytes in the files below the folder open at `folder`; links are not followed."""
    found = 0
    for _, _, files, fd in os.fwalk(dir_fd=folder, follow_symlinks=False):
        for name in files:
            with suppress(OSError):
                about = os.lstat(name, dir_fd=fd)
                found += about.st_size if stat.S_ISREG(about.st_mode) else 0
    return found
