"""A torn last line: what a kill or a full disk left of a record, moved out of the way of the next one."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic_core import from_json

from bench.results.seal import seal_of

__all__ = ["is_whole", "set_aside"]

_BLOCK = 1 << 16


def is_whole(line: bytes) -> bool:
    """Is this line a whole JSON value? No proper beginning of a record's line is."""
    try:
        from_json(line)
    except ValueError:
        return False
    return True


def set_aside(path: Path, fd: int) -> tuple[list[str], bytes]:
    """Move the torn last line of the file open at `fd` into a file beside it; returns what to tell the user, and the
    last line that is left, without its newline; empty where there is none.

    A whole last line that only lacks its newline (an editor's doing) is given one. The caller holds the lock.
    """
    size = os.fstat(fd).st_size
    start = _start_of_last_line(fd, size)
    line = os.pread(fd, size - start, start)
    if not line.strip():
        return [], b""
    if _is_as_sealed(line) or is_whole(line):
        if not line.endswith(b"\n"):
            os.write(fd, b"\n")
        return [], line.strip()
    beside = _keep(path, line)
    os.ftruncate(fd, start)
    os.fsync(fd)
    return [
        f"{path}: its last line was torn (a run was killed, or the disk was full) and now lies in {beside.name}; "
        "the other records are whole"
    ], _last_line(fd)


def _is_as_sealed(line: bytes) -> bool:
    """A digest is had sooner than a line is parsed."""
    seal = seal_of(line)
    return seal is not None and seal.holds


def _last_line(fd: int) -> bytes:
    size = os.fstat(fd).st_size
    start = _start_of_last_line(fd, size)
    return os.pread(fd, size - start, start).strip()


def _start_of_last_line(fd: int, size: int) -> int:
    """Offset of the last line that holds anything, the newline at the very end not counted."""
    end = size - 1
    while end > 0:
        begin = max(0, end - _BLOCK)
        found = os.pread(fd, end - begin, begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        end = begin
    return 0


def _keep(path: Path, line: bytes) -> Path:
    number = 1
    while True:
        beside = path.with_name(f"{path.name}.torn-{number}")
        try:
            fd = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        except FileExistsError:
            number += 1
            continue
        break
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    return beside
