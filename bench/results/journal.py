"""The journal: records kept one JSON line each, appended under a lock, and read back whatever befell the file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Generic, TypeVar

from bench.results.journal_line import JournalLine
from bench.results.locked import Lock, locked
from bench.results.reading import Read, read
from bench.results.seal import digest_of, sealed
from bench.results.torn import set_aside
from bench.support.files import sync_folder

__all__ = ["Journal", "JournalError", "journal_path", "pairs_path", "results_of"]

T = TypeVar("T", bound=JournalLine)


class JournalError(OSError):
    """A record couldn't be kept. The file is as it was before; the message says what to do."""


def results_of(root: Path, host: str, team: str | None = None) -> Path:
    """The folder of a host's results, or of a team's on it."""
    folder = root / "results" / host
    return folder if team is None else folder / team


def journal_path(root: Path, host: str, suite: str, team: str | None = None) -> Path:
    """Where the records of a suite on a host are kept."""
    return results_of(root, host, team) / f"{suite}.jsonl"


def pairs_path(root: Path, host: str, suite: str, team: str | None = None) -> Path:
    """Where pairs of a suite's cells, measured interleaved on a host, are kept."""
    return results_of(root, host, team) / "pairs" / f"{suite}.jsonl"


class Journal(Generic[T]):
    """One file of records, or of pairs. Several processes may append to it at once.

    >>> journal = Journal(journal_path(Path("."), "cpu-2-cores", "cnn"), Record)  # doctest: +SKIP
    >>> notices = journal.append(record)  # doctest: +SKIP
    >>> journal.read().records[-1] == record  # doctest: +SKIP
    True
    """

    def __init__(self, path: Path, form: type[T]) -> None:
        self.path, self.form = path, form

    def read(self, *, strict: bool = False) -> Read[T]:
        """The records, and notices on what was passed over: see `bench.results.reading.read`."""
        return read(self.path, self.form, strict=strict)

    def append(self, record: T) -> tuple[str, ...]:
        """Keep a record: on return it lies on the disk. The folder is made where there is none.

        Returns notices for the user: a torn last line that was set aside, a file system without locks. Raises
        `JournalError` where the record couldn't be written whole; the file then is as it was.
        """
        line = record.model_dump_json().encode()
        notices: list[str] = []
        try:
            with locked(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, Lock.EXCLUSIVE) as (fd, has_lock):
                created = not os.fstat(fd).st_size
                if not has_lock:
                    notices.append(
                        f"{self.path}: this file system has no locks; don't run two benchmarks into it at once"
                    )
                found, before = set_aside(self.path, fd)
                notices += found
                if self.form.sealed:
                    line = sealed(line, digest_of(before) if before else None)
                _write_whole(fd, line + b"\n")
                if created:
                    sync_folder(self.path.parent)
        except OSError as error:
            raise JournalError(
                f"{self.path}: the record of {record.label} could not be kept ({error.strerror or error}); the records "
                "before it are whole. Make room or make the folder writable, and run again with --resume"
                + "".join(f"\n{notice}" for notice in notices)
            ) from error
        return tuple(notices)


def _write_whole(fd: int, line: bytes) -> None:
    """Write the line to the disk, or leave the file as it was."""
    size = os.fstat(fd).st_size
    try:
        written = os.write(fd, line)
        while written < len(line):  # a disk that fills takes a part; the next write says why
            written += os.write(fd, line[written:])
        os.fsync(fd)
    except OSError:
        _cut(fd, size)
        raise


def _cut(fd: int, size: int) -> None:
    try:
        os.ftruncate(fd, size)
        os.fsync(fd)
    except OSError:
        return  # the torn line stays, and the next append sets it aside
