"""ZIP archives of strangers, opened with bounds: on their lists of files, on what these hold, and on what they are."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from typing import BinaryIO, Final

__all__ = ["MOST_LISTED", "Archive", "ArchiveError", "is_archive"]

MOST_LISTED: Final = 50_000
"""Files that an archive may list."""
_MOST_LIST_BYTES: Final = 2**24
_MOST_RATIO: Final = 250
"""Bytes that a byte may stand for; JSON lines come to about 30."""
_RATIO_FROM: Final = 2**22
_BEGINNINGS: Final = (b"PK\x03\x04", b"PK\x05\x06")
_END, _END_SIZE, _LONGEST_COMMENT = b"PK\x05\x06", 22, 65_535
_LOCATOR, _LOCATOR_SIZE, _END_64_SIZE = b"PK\x06\x07", 20, 56
_ENCRYPTED: Final = 0x1
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BLOCK: Final = 2**20
# NotImplementedError, of a method that isn't read, is a RuntimeError
_DAMAGED: Final = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, RuntimeError)
"""What `zipfile` raises as it reads a damaged file."""


class ArchiveError(Exception):
    """What is wrong with an archive or with a file in it, in words."""


def is_archive(beginning: bytes) -> bool:
    """Is a file that begins so a ZIP archive?"""
    return beginning.startswith(_BEGINNINGS)


class Archive:
    """An archive that is open for reading. `budget` bytes may come out of it altogether.

    Raises `ArchiveError` where it is damaged, or lists more than it may.
    """

    def __init__(self, file: BinaryIO, budget: int) -> None:
        _check_list(file)
        try:
            self._archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, struct.error, NotImplementedError, OverflowError) as error:
            raise ArchiveError(f"is no whole ZIP archive ({error})") from None
        infos = self._archive.infolist()
        if len(infos) > MOST_LISTED:
            raise ArchiveError(f"lists {len(infos):,} files, more than {MOST_LISTED:,}")
        self._infos = {info.filename: info for info in infos if not info.is_dir()}
        if len(self._infos) < sum(not info.is_dir() for info in infos):
            raise ArchiveError("lists a file twice")
        self.left = budget

    @property
    def names(self) -> list[str]:
        """Its files, in its order."""
        return list(self._infos)

    def read(self, name: str, most: int) -> bytes:
        """A file's content, of at most `most` bytes.

        Raises `ArchiveError` where it is larger, or stands for far more than its bytes can, is a link, encrypted,
        compressed in a way that `bench pack` and most programs don't use, damaged, or beyond the archive's budget.
        """
        info = self._infos[name]
        self._check(info, most)
        try:
            with self._archive.open(info) as file:
                content = bytearray()
                while block := file.read(_BLOCK):  # what it says of its size need not be true
                    content += block
                    self.left -= len(block)
                    if len(content) > most:
                        raise ArchiveError(_too_large(name, most))
                    if self.left < 0:
                        raise ArchiveError(f"{name} would be more than may come out of it")
        except _DAMAGED as error:
            raise ArchiveError(f"{name} is damaged ({error})") from None
        return bytes(content)

    def begins(self, name: str) -> bytes:
        """The first four bytes of a file; empty where they can't be had."""
        info = self._infos[name]
        try:
            self._check(info, info.file_size)
            with self._archive.open(info) as file:
                return file.read(4)
        except (ArchiveError, *_DAMAGED):
            return b""

    def _check(self, info: zipfile.ZipInfo, most: int) -> None:
        name, mode = info.filename, info.external_attr >> 16
        if info.flag_bits & _ENCRYPTED:
            raise ArchiveError(f"{name} is encrypted")
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
            raise ArchiveError(f"{name} is {'a link' if stat.S_ISLNK(mode) else 'no regular file'}")
        if info.compress_type not in _METHODS:
            raise ArchiveError(f"{name} is compressed in a way that isn't read: deflate is")
        if info.file_size > most:
            raise ArchiveError(_too_large(name, most))
        if info.file_size > max(_RATIO_FROM, _MOST_RATIO * info.compress_size):
            raise ArchiveError(f"{name} says that each of its bytes stands for more than {_MOST_RATIO}")


def _too_large(name: str, most: int) -> str:
    return f"{name} is larger than {most / 2**20:,.0f} MiB"


def _check_list(file: BinaryIO) -> None:
    """Raise `ArchiveError` where the archive's list of files is so long that reading it alone would take much."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END_SIZE - _LONGEST_COMMENT - _LOCATOR_SIZE - _END_64_SIZE))
    tail = file.read()
    for end in _all(tail, _END):
        if len(tail) - end < _END_SIZE:
            continue
        count, length = struct.unpack_from("<HL", tail, end + 10)
        before = end - _LOCATOR_SIZE - _END_64_SIZE
        if before >= 0 and tail[end - _LOCATOR_SIZE : end].startswith(_LOCATOR):
            count, length = struct.unpack_from("<QQ", tail, before + 32)
        if count > MOST_LISTED or length > _MOST_LIST_BYTES:
            raise ArchiveError(f"lists {count:,} files in {length:,} bytes, more than are read")
    file.seek(0)


def _all(text: bytes, what: bytes) -> list[int]:
    found, at = [], text.find(what)
    while at >= 0:
        found.append(at)
        at = text.find(what, at + 1)
    return found
