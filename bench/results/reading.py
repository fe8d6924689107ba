"""Reading a results file: every record that is whole, and a notice for every line that isn't."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from bench.errors import Fault, InputError
from bench.files import RefusedError, too_large
from bench.plain_text import plain_values
from bench.results.lines import RecordLines
from bench.results.locked import Lock, locked
from bench.results.record import Record
from bench.results.stored import Stored
from bench.results.torn import is_whole
from bench.strange import file_is, line_is
from bench.uncollected import uncollected

__all__ = ["MOST_BYTES", "Read", "UnreadableError", "parse", "read", "unreadable"]

MOST_BYTES = 2**28
"""Of a results file that is read: some 60,000 records."""
_MARK = b"\xef\xbb\xbf"
"""That a file is UTF-8, as some editors write it."""

T = TypeVar("T", bound=Stored)

_UNSEEN = {
    lead: re.compile(pattern)
    for lead, pattern in (
        (b"\\", rb"\\[bfnrtu]"),  # what JSON has written out
        (b"\x7f", rb"\x7f"),
        (b"\xc2", rb"\xc2[\x80-\x9f\xad]"),
        (b"\xd8", rb"\xd8\x9c"),
        (b"\xe1", rb"\xe1\xa0\x8e"),
        (b"\xe2", rb"\xe2(\x80[\x8b-\x8f\xa8-\xae]|\x81[\xa0-\xaf])"),
        (b"\xef", rb"\xef(\xbb\xbf|\xbf[\xb9-\xbb])"),
        (b"\xf3", rb"\xf3\xa0[\x80\x81]"),
    )
}
"""What a line may have whose texts hold characters that aren't seen (see `bench.plain_text`), by the byte that it
begins with: to look for one byte in a whole file takes next to nothing."""


class UnreadableError(InputError):
    """A results file that can't be read at all: where others can, it costs itself alone."""


class Read(NamedTuple, Generic[T]):
    """What was read: whole records in the file's order, and notices on lines that were passed over."""

    records: tuple[T, ...]
    notices: tuple[str, ...]


def read(path: Path, form: type[T] = Record) -> Read[T]:  # type: ignore[assignment]
    """The records of a file, of the given form; none where there is no file.

    A torn last line and a damaged line cost themselves and a notice (`file:line`), never another record. Raises
    `InputError` where records carry a schema version that this version of the harness doesn't know, and
    `UnreadableError` where the file can't be read, is no regular file (see `bench.files`), or no text.
    """
    try:
        content = _content(path)
    except FileNotFoundError:
        return Read((), ())
    except OSError as error:
        raise unreadable(path, error.strerror) from error
    return parse(content, path, form)


def unreadable(path: Path | str, why: str | None) -> UnreadableError:
    """That the file can't be read, and why."""
    return UnreadableError(Fault(f"cannot be read ({why})", "a results file holds one JSON record a line", path))


def parse(content: bytes, path: Path | str, form: type[T] = Record) -> Read[T]:  # type: ignore[assignment]
    """The records of a file's content; `path` is what notices and faults call it. See `read`."""
    if (what := file_is(content)) is not None:
        raise UnreadableError(Fault(f"this file {what}", None, path))
    lines = content.removeprefix(_MARK).split(b"\n")
    if not lines[-1]:
        lines.pop()
    unseen = [pattern for lead, pattern in _UNSEEN.items() if lead in content and pattern.search(content)]
    with uncollected():
        return _parse(lines, path, form, _reader(form, unseen))


def _parse(lines: Sequence[bytes], path: Path | str, form: type[T], read_line: Callable[[bytes], T]) -> Read[T]:
    records: list[T] = []
    notices: list[str] = []
    strange: list[tuple[int, object]] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = read_line(line)
        except ValidationError as error:
            fields = _fields(line)
            if fields is not None and fields.get("schema_version") not in form.readable:
                strange.append((number, fields.get("schema_version")))
            elif (what := line_is(line)) is None and number == len(lines) and not is_whole(line):
                notices.append(
                    f"{path}:{number}: the last line is torn (a run was killed, or the disk was full) and was passed "
                    "over; the next run moves it aside"
                )
            else:
                notices.append(f"{path}:{number}: this line is damaged and was passed over ({what or _first(error)})")
            continue
        if record.schema_version in form.readable and "schema_version" in record.model_fields_set:
            records.append(record.brought_up())
        else:
            written = record.schema_version if "schema_version" in record.model_fields_set else None
            strange.append((number, written))
    if strange:
        raise InputError(_version_fault(path, strange, form.readable[-1]))
    return Read(tuple(records), tuple(notices))


def _reader(form: type[T], unseen: Sequence[re.Pattern[bytes]]) -> Callable[[bytes], T]:
    """What reads a line; of the patterns `_UNSEEN` those that the file has."""
    read_line: Callable[[bytes], Any] = RecordLines().read if form is Record else form.model_validate_json
    if not unseen:
        return read_line
    return lambda line: read_line(_made_plain(line) if any(one.search(line) for one in unseen) else line)


def _made_plain(line: bytes) -> bytes:
    """The line with its texts as they can be shown; one that isn't JSON as it is."""
    try:
        return to_json(plain_values(from_json(line, allow_inf_nan=False)))
    except (ValueError, RecursionError):
        return line


def _content(path: Path) -> bytes:
    # a reader without the lock could meet a record that is half written, and call it torn
    with locked(path, os.O_RDONLY, Lock.SHARED) as (fd, _), os.fdopen(fd, "rb", closefd=False) as file:
        if os.fstat(fd).st_size > MOST_BYTES:
            raise RefusedError(too_large(MOST_BYTES), path, errno.EFBIG)
        return file.read(MOST_BYTES)


def _fields(line: bytes) -> dict[str, object] | None:
    try:
        value = from_json(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(map(str, first["loc"]))
    return f"{where}: {first['msg']}" if where else first["msg"]


def _version_fault(path: Path | str, strange: Sequence[tuple[int, object]], known: int) -> Fault:
    line, version = strange[0]
    more = f", and {len(strange) - 1} more such lines" if len(strange) > 1 else ""
    if isinstance(version, int) and version > known:
        return Fault(
            f"this record has schema version {version}, written by a newer version of the harness{more}; this one "
            f"reads up to version {known}",
            "update the harness: git pull, then make run; or pip install --upgrade from where it came",
            path,
            line,
        )
    written = "no schema version" if version is None else f"the unknown schema version {version!r}"
    return Fault(
        f"this record has {written}{more}; this harness reads up to version {known}",
        "move the file out of the results' folder if the harness didn't write it",
        path,
        line,
    )
