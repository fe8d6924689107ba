"""The cell that a side of a comparison may name after it: `my-host/digits@HEAD~1:simple_cnn/notebook`."""

from __future__ import annotations

import re

from bench.errors import Fault, InputError
from bench.results.place import is_there

__all__ = ["split_cell"]

_MOMENT = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}([T ]\d{1,2}(:\d{2}){0,2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})?)?"  # a time has colons of its own
)
_REVISION = re.compile(r"(\{[^}]*\}|[^:{])*")  # as have dates in the braces of a reflog: HEAD@{2026-11-20 10:00}


def split_cell(text: str) -> tuple[str, str]:
    """The side itself, and the cell that it ends in; that is empty where it names none.

    What lies there as a file or folder is never split, whatever its name holds; one that does, and then a cell, is. A
    side of a cell alone is `@`, all that is here now. Raises InputError where no cell follows the colon, or where it
    stands before the moment.

    >>> split_cell("my-host@2026-11-20T13:00:vgg16/xla")
    ('my-host@2026-11-20T13:00', 'vgg16/xla')
    """
    side, colon, cell = _split(text)
    if colon and not cell.strip("/ "):
        raise InputError(Fault(f"'{text}': no cell follows the colon", "such as simple_cnn/notebook"))
    return (side or "@" if colon else side), cell.strip("/ ")


def _split(text: str) -> tuple[str, str, str]:
    if is_there(text) or ":" not in text:
        return text, "", ""
    for place in (found.start() for found in reversed(list(re.finditer(":", text)))):
        if place and is_there(text[:place]):
            return text[:place], ":", text[place + 1 :]
    where, at, moment = text.partition("@")
    if not at:
        return (text, "", "") if text.endswith(".jsonl") else text.partition(":")
    if ":" in where and not is_there(where):
        side, _, cell = where.partition(":")
        raise InputError(Fault(f"'{text}': the cell comes last", f"'{side}@{moment}:{cell}'"))
    found = _MOMENT.match(moment)
    if found is None or moment[found.end() : found.end() + 1] not in ("", ":"):
        found = _REVISION.match(moment)
    end = found.end() if found else len(moment)
    return f"{where}@{moment[:end]}", moment[end : end + 1], moment[end + 1 :]
