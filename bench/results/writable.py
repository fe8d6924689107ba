"""Asked before a run: can its records be kept?"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from bench.errors import Fault, InputError
from bench.results.journal_line import JournalLine
from bench.results.reading import read
from bench.results.record import Record
from bench.support.files import open_regular

__all__ = ["appendable", "writable"]

_ROOM = 1 << 16


def writable(path: Path, form: type[JournalLine] = Record) -> None:
    """Check that records can be appended to `path`; leaves nothing behind, no folder either.

    Raises `InputError` where the file or its folder can't be written, where the disk is full, and where the file
    can't be read as one of records (see `bench.results.reading.read`).
    """
    appendable(path)
    read(path, form)


def appendable(path: Path) -> None:
    """The same of any file, whatever it holds.

    Raises InputError where it can't be written, or the disk is full.
    """
    try:
        if os.path.lexists(path):
            os.close(open_regular(path, os.O_RDWR | os.O_APPEND))
        _write_somewhere(_nearest_folder(path.parent))
    except OSError as error:
        raise InputError(
            Fault(
                f"results can't be written here ({error.strerror or error})",
                "make the folder writable, make room, or name another with --root",
                path,
            )
        ) from error


def _nearest_folder(folder: Path) -> Path:
    """The folder itself, or the nearest one above it that is there already."""
    while not folder.exists():
        if folder.is_symlink():
            raise FileNotFoundError(f"{folder} is a link that leads nowhere")
        folder = folder.parent
    return folder


def _write_somewhere(folder: Path) -> None:
    # asking for permissions isn't enough: a read-only mount, a quota or a full disk shows only when one writes
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"\0" * _ROOM)
        file.flush()
        os.fsync(file.fileno())
