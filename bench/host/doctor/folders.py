"""Can what is measured be kept?"""

from __future__ import annotations

import errno
import os
import shlex
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Final

from bench.errors import InputError
from bench.host.doctor.check import Check
from bench.host.doctor.sizes import size
from bench.results.writable import writable
from bench.support.files import RefusedError, open_regular

__all__ = ["ROOM_BYTES", "folder_checks", "nearest_folder", "unwritable"]

ROOM_BYTES: Final = 100 * 2**20
"""A suite's records, figures and logs take some hundred KiB: a disk with less than this is nearly full."""

_TRIED = ".tried-by-doctor"


def folder_checks(root: Path) -> tuple[Check, ...]:
    """The working tree at `root`: can results/ and hosts/ be written, and the files in them be added to?

    Changes nothing: what is written to try it has no name, and is gone at once.
    """
    return _writable(root / "results", "records"), _writable(root / "hosts", "profiles")


def _writable(folder: Path, what: str) -> Check:
    name, nearest = f"folders: {folder.name}/", nearest_folder(folder)
    try:
        writable(folder / _TRIED)
        for file in sorted(folder.rglob("*.jsonl")) + sorted(folder.glob("*.yaml")):
            with suppress(RefusedError):  # what can't be read is told of the file itself
                os.close(open_regular(file, os.O_RDWR | os.O_APPEND))
        free = shutil.disk_usage(nearest).free
    except InputError as error:
        cause = error.__cause__
        return Check(name, "broken", *unwritable(folder, cause if isinstance(cause, OSError) else OSError(str(error))))
    except OSError as error:
        return Check(name, "broken", *unwritable(Path(error.filename or folder), error))
    text = f"{what} can be written" + ("" if nearest == folder else f" (to be made in {nearest.absolute()})")
    if free < ROOM_BYTES:
        return Check(name, "limited", f"{text}, but the disk is nearly full: {size(free)} left", _room(nearest))
    return Check(name, "fine", f"{text}, {size(free)} free")


def nearest_folder(folder: Path) -> Path:
    """The folder itself, or the nearest one above it that is there already; so far as can be seen."""
    while not _is_there(folder) and folder != folder.parent:
        folder = folder.parent
    return folder


def unwritable(path: Path, error: OSError) -> tuple[str, str]:
    """Why the file or folder can't be written, and what would mend it."""
    place = nearest_folder(path)
    found, shown = f"{path} can't be written: {(error.strerror or str(error)).lower()}", shlex.quote(str(place))
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return found, _room(place)
        case errno.ENOTDIR | errno.EEXIST:
            return f"{path} is a file where a folder should be", f"mv {shown} {shlex.quote(f'{place}.old')}"
        case errno.EACCES | errno.EPERM:
            own = place.stat().st_uid == os.geteuid()
            return found, f"chmod -R u+rwX {shown}" if own else f'sudo chown -R "$USER" {shown}'
        case _ if path.is_symlink() and not _is_there(path):
            return f"{path} is a link that leads nowhere", f"rm {shlex.quote(str(path))}"
        case _:  # a read-only file system among them
            return found, "name a tree on another disk: --root DIR, or export BENCH_ROOT=DIR"


def _room(place: Path) -> str:
    return f"df -h {shlex.quote(str(place))}  # make room there, or name another tree with --root"


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a folder above it lets nobody in
        return False
