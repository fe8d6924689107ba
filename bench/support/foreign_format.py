"""What a file or a line is that should be JSON or YAML, and isn't: said for what it is, with what would be right."""

from __future__ import annotations

import re

__all__ = ["describe_file", "describe_line"]

_MARKERS = re.compile(rb"(<{7}|\|{7}|>{7})( .*)?|={7}")
_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", "is compressed with gzip: gunzip it first"),
    (b"BZh", "is compressed with bzip2: bunzip2 it first"),
    (b"\xfd7zXZ\x00", "is compressed with xz: unxz it first"),
    (b"\x28\xb5\x2f\xfd", "is compressed with zstd: unzstd it first"),
    (b"PK\x03\x04", "is a zip archive: unzip it first"),
    (b"\xff\xfe", "is in UTF-16: save it in UTF-8"),
    (b"\xfe\xff", "is in UTF-16: save it in UTF-8"),
    (b"version https://git-lfs.github.com/spec/", "is a pointer of Git LFS: `git lfs pull` fetches what it stands for"),
)
_PAGE = re.compile(rb"\s*(<!doctype html|<html)", re.IGNORECASE)
_SHOWN = 4096


def describe_file(content: bytes) -> str | None:
    """What a file is by its first bytes, as `is …: what to do`; None where it may well be text in UTF-8."""
    for beginning, words in _BEGINNINGS:
        if content.startswith(beginning):
            return words
    if _PAGE.match(content[:_SHOWN]):
        return "is a web page: fetch the file itself, not the page that shows it"
    # text in UTF-16 without a mark of it has every other byte zero
    pairs = content[:_SHOWN]
    if len(pairs) >= 4 and (not any(pairs[1::2]) or not any(pairs[0::2])) and any(pairs):
        return "is in UTF-16: save it in UTF-8"
    return None


def describe_line(line: bytes) -> str | None:
    """What a line is that no editor or program meant to be there, with what to do; None where that isn't known."""
    line = line.rstrip(b"\r")
    if _MARKERS.fullmatch(line[:_SHOWN]):
        return "a git conflict marker: resolve the merge, keeping the lines that belong here"
    if line and not line.strip(b"\0"):
        return "zeros that a crash of the machine left in place of what was written"
    return None
