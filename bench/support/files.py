"""The one door to files that may come from others, and the one way in which files are written.

A working tree is copied, cloned and unpacked, and then may hold what only looks like a results file or a profile: a
named pipe, which a reader waits at for ever, a link that leads elsewhere, a file of terabytes. What is opened here is a
regular file that lies in its tree, and what is written here appears whole or not at all.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from bench.support.partial_files import partial_file

__all__ = [
    "RefusedError",
    "is_regular",
    "keep_within",
    "open_regular",
    "read_regular",
    "sync_folder",
    "too_large",
    "write_whole",
    "writing",
]

_KINDS = (
    (stat.S_ISDIR, "is a folder"),
    (stat.S_ISFIFO, "is a named pipe"),
    (stat.S_ISCHR, "is a device"),
    (stat.S_ISBLK, "is a device"),
    (stat.S_ISSOCK, "is a socket"),
)


class RefusedError(OSError):
    """A file that isn't opened, or isn't written: `strerror` says what is wrong with it, as the system's own words do
    for other errors."""

    def __init__(self, what: str, path: Path | str, number: int = errno.EINVAL) -> None:
        super().__init__(number, what, str(path))


def open_regular(path: Path, flags: int = os.O_RDONLY, mode: int = 0o666, *, follow: bool = False) -> int:
    """Open the regular file at `path` with `os.open`'s flags; gives its descriptor, which the caller closes.

    A link to a file is followed where it stays within the tree (see `_trees`); with `follow`, for what the user names
    themselves, wherever it leads. Folders on the way may be links: `results` may lie on another disk. Never waits, as
    opening a named pipe would. Raises `RefusedError` for anything else than a regular file and for a link that leads
    away, and what `os.open` raises.
    """
    flags |= os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
    # what it is shall be known before it is opened, where that already does something: a device may rewind a tape
    target = _led_to(path, follow) if path.is_symlink() else path
    with suppress(FileNotFoundError):
        _need_regular(target.stat(follow_symlinks=False), path)
    try:
        fd = os.open(target, flags | os.O_NOFOLLOW, mode)
    except OSError as error:
        if error.errno == errno.ELOOP:  # it became a link just now
            raise RefusedError("is a link that leads nowhere", path) from None
        if error.errno == errno.ENXIO:  # a socket, or a pipe that nobody reads
            raise RefusedError("is no regular file", path) from None
        raise
    try:
        _need_regular(os.fstat(fd), path)
    except BaseException:
        os.close(fd)
        raise
    return fd


def read_regular(path: Path, most: int, *, follow: bool = False) -> bytes:
    """The content of the regular file at `path`, of at most `most` bytes.

    Raises what `open_regular` raises, and `RefusedError` where the file is larger.
    """
    fd = open_regular(path, follow=follow)
    with os.fdopen(fd, "rb") as file:
        size = os.fstat(fd).st_size
        content = file.read(most + 1) if size <= most else b""
        if size > most or len(content) > most:
            raise RefusedError(too_large(most), path, errno.EFBIG)
        return content


def too_large(most: int) -> str:
    """What is wrong with a file of more than `most` bytes."""
    size = f"{most / 2**20:,.0f} MiB" if most >= 2**20 else f"{most / 2**10:,.0f} KiB"
    return f"is larger than the {size} that are read"


def is_regular(path: Path) -> bool:
    """Is there a regular file at `path` itself, and no link? False too where the system refuses to look."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def write_whole(path: Path, content: bytes | str, *, sync: bool = True) -> None:
    """Put a file with this content (text in UTF-8) at `path`, whole or not at all: see `writing`."""
    with writing(path, sync=sync) as file:
        file.write(content.encode() if isinstance(content, str) else content)


@contextmanager
def writing(path: Path, *, sync: bool = True) -> Iterator[BinaryIO]:
    """A file to write to, which is put at `path` when it is whole, and not at all where an exception ends that; its
    folder is made.

    It lies beside and is then renamed, so that a link which lies there is replaced, and what it leads to stays as it
    is. The mode of a file that was there is kept. With `sync` the content lies on the disk in the end. Raises
    `RefusedError` where something lies there that isn't a file, and the system's OSError, whose `filename` is `path`,
    where it can't be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = _mode_there(path)
        beside, fd = partial_file(path)
        with os.fdopen(fd, "wb") as file:
            try:
                if mode is not None:
                    with suppress(OSError):  # some mounts know no modes
                        os.fchmod(fd, mode)
                yield file
                file.flush()
                if sync:
                    os.fsync(fd)
                beside.replace(path)
            except BaseException:
                with suppress(OSError):
                    beside.unlink(missing_ok=True)
                raise
        if sync:
            sync_folder(path.parent)
    except RefusedError:
        raise
    except OSError as error:
        error.filename, error.filename2 = str(path), None
        raise


def sync_folder(folder: Path) -> None:
    """Write the folder's list of names to the disk: a new file's name is only as durable as that."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def keep_within(path: Path, folder: Path) -> None:
    """Raise `RefusedError` where links between `folder` and the file to be written at `path` lead out of it.

    `folder` itself may be a link.
    """
    if not Path(os.path.realpath(path.parent)).is_relative_to(os.path.realpath(folder)):
        raise RefusedError(f"lies, by a link, outside of {folder}", path)


def _need_regular(status: os.stat_result, path: Path) -> None:
    if stat.S_ISREG(status.st_mode):
        return
    what = next((words for fits, words in _KINDS if fits(status.st_mode)), "is no regular file")
    raise RefusedError(what, path, errno.EISDIR if stat.S_ISDIR(status.st_mode) else errno.EINVAL)


def _led_to(path: Path, follow: bool) -> Path:
    """Where the link at `path` leads, all links resolved. Raises `RefusedError` where that is out of its tree."""
    try:
        target = Path(os.path.realpath(path, strict=True))
    except FileNotFoundError:
        raise RefusedError("is a link that leads nowhere", path) from None
    if not follow and not any(target.is_relative_to(tree) for tree in _trees(path)):
        raise RefusedError("is a link that leads out of its tree", path)
    return target


def _trees(path: Path) -> list[str]:
    """The folders that a link at `path` may lead into: those of the working tree whose `results` or `hosts` it lies in,
    and the folder that it lies in itself, each by its real place."""
    folders = [path.absolute().parent]
    for folder in path.absolute().parents:
        if folder.name in ("results", "hosts"):
            folders += [folder.parent, folder.parent / "results", folder.parent / "hosts"]
            break
    return [os.path.realpath(folder) for folder in folders]


def _mode_there(path: Path) -> int | None:
    """The mode of the regular file at `path`, None where there is none."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(status.st_mode):
        return None
    _need_regular(status, path)
    return stat.S_IMODE(status.st_mode)
