"""A file of results as it was when it was indexed, and what is new in it since."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from typing import BinaryIO, NamedTuple

from bench.results.reading import open_results

__all__ = ["New", "Seen", "what_is_new"]

_SETTLED_NS = 3 * 10**9
"""A change so soon after a file was looked at may have left its times as they were: some disks count in 2 s."""
_HEAD = 4096
"""By what a file's kind is told (see `bench.support.foreign_format`): one that was shorter may be of another now."""
_BLOCK = 1 << 20


class Seen(NamedTuple):
    """A file by its number and path in an index: its first `covered` bytes hold so many `lines`, and have this
    `digest`; that is empty where the file is to be read anew, however it looks.

    Times are in nanoseconds; `looked` is when it was looked at. No program can set `ctime`: it tells of an edit that
    keeps size and mtime, and of a file that was copied with its index.
    """

    file: int
    path: str
    inode: int
    size: int
    mtime: int
    ctime: int
    looked: int
    covered: int
    lines: int
    digest: str

    def is_settled(self, status: os.stat_result) -> bool:
        """Is the file as it was, by all that is told without reading it?"""
        then = self.inode, self.size, self.mtime, self.ctime
        now = status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
        return bool(self.digest) and then == now and max(self.mtime, self.ctime) + _SETTLED_NS < self.looked

    def begins(self, file: BinaryIO, status: os.stat_result) -> hashlib._Hash | None:
        """The digest so far of an open file that begins with all that is covered, which is read; None where it
        doesn't."""
        if not self.digest or self.inode != status.st_ino or not _HEAD <= self.covered <= status.st_size:
            return None
        digest, left = hashlib.sha256(), self.covered
        while left and (block := file.read(min(_BLOCK, left))):
            digest.update(block)
            left -= len(block)
        return digest if digest.hexdigest() == self.digest else None


class New(NamedTuple):
    """The `content` of a file from byte `begin` on, before which there are so many `lines`. All that was known of the
    file holds where `goes_on`; `digest` is of what is before, None where nothing was changed."""

    begin: int
    lines: int
    content: bytes
    status: os.stat_result
    looked: int
    goes_on: bool
    digest: hashlib._Hash | None


def what_is_new(path: Path, before: Seen | None) -> New:
    """What the file holds that isn't known of it. Raises what `bench.results.reading.open_results` raises."""
    with open_results(path) as file:
        looked, status = time.time_ns(), os.fstat(file.fileno())
        settled = before is not None and before.is_settled(status)
        digest = None if before is None or settled else before.begins(file, status)
        begin, lines = (before.covered, before.lines) if before is not None and (settled or digest) else (0, 0)
        file.seek(begin)
        content = file.read(status.st_size - begin)
    if begin:
        return New(begin, lines, content, status, looked, True, digest)
    return New(0, 0, content, status, looked, settled, None if settled else hashlib.sha256())
