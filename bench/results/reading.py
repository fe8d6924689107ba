"""Reading a results file: every record that is whole, and a notice for every line that isn't."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Generic, NamedTuple, TypeVar

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from bench.errors import Fault, InputError
from bench.results.journal_line import JournalLine
from bench.results.lines import RecordLines
from bench.results.locked import Lock, locked
from bench.results.pair import Pair
from bench.results.record import Record
from bench.results.seal import unsealed
from bench.results.team import team_of_file
from bench.results.torn import is_whole
from bench.support.files import RefusedError, too_large
from bench.support.foreign_format import describe_file, describe_line
from bench.support.gc_paused import gc_paused
from bench.support.plain_text import plain_values

__all__ = [
    "MOST_BYTES",
    "Line",
    "NewerError",
    "Read",
    "UnreadableError",
    "Wrong",
    "each_line",
    "notices_of",
    "open_results",
    "parse",
    "read",
    "refuse_foreign",
    "unreadable",
]

MOST_BYTES = 2**28
"""Of a results file that is read: some 60,000 records."""
_MARK = b"\xef\xbb\xbf"
"""That a file is UTF-8, as some editors write it."""

_NO_VERSION = 10_000

T = TypeVar("T", bound=JournalLine)

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
"""What a line may have whose texts hold characters that aren't seen (see `bench.support.plain_text`), by the byte that
it begins with: to look for one byte in a whole file takes next to nothing."""


class UnreadableError(InputError):
    """A results file that can't be read at all: where others can, it costs itself alone."""


class NewerError(InputError):
    """A results file with lines of a newer form, which may say things that this version of the harness would miss."""


class Read(NamedTuple, Generic[T]):
    """What was read: whole records in the file's order, and notices on lines that were passed over."""

    records: tuple[T, ...]
    notices: tuple[str, ...]


def read(path: Path, form: type[T] = Record, *, strict: bool = False) -> Read[T]:  # type: ignore[assignment]
    """The records of a file, of the given form; none where there is no file.

    A record that names no team is of the one whose folder the file lies in. A torn last line, a damaged line and one of
    a newer schema version than this version of the harness knows cost themselves and a notice (`file:line`), never
    another record. Raises `UnreadableError` where the file can't be read, is no regular file (see
    `bench.support.files`), or no text; and with `strict`, for gates and for whoever changes lines, `NewerError` where
    any is of a newer version.
    """
    try:
        content = _content(path)
    except FileNotFoundError:
        return Read((), ())
    except OSError as error:
        raise unreadable(path, error.strerror) from error
    return parse(content, path, form, strict=strict, team=team_of_file(path.absolute()))


def unreadable(path: Path | str, why: str | None) -> UnreadableError:
    """That the file can't be read, and why."""
    return UnreadableError(Fault(f"cannot be read ({why})", "a results file holds one JSON record a line", path))


def parse(
    content: bytes,
    path: Path | str,
    form: type[T] = Record,  # type: ignore[assignment]
    *,
    strict: bool = False,
    team: str | None = None,
) -> Read[T]:
    """The records of a file's content; `path` is what notices and faults call it, `team` whose a line is that names
    none. See `read`."""
    refuse_foreign(content, path)
    records: list[T] = []
    wrong: dict[int, Wrong] = {}
    number = 0
    with gc_paused():
        for number, _, _, found in each_line(content, form, team=team):
            if isinstance(found, Wrong):
                wrong[number] = found
            elif found is not None:
                records.append(found)
    return Read(tuple(records), notices_of(path, wrong.items(), number, form, strict=strict))


class Wrong(NamedTuple):
    """What is wrong with a line; `newer` is the version of its form where a newer harness has written it.

    `strange` is what it is that no program meant to be there (see `describe_line`); `whole` whether it is JSON.
    """

    why: str
    newer: int | None = None
    strange: str | None = None
    whole: bool = True


class Line(NamedTuple, Generic[T]):
    """A line of a file: its number from 1, where its bytes begin and how many they are, and what it holds; None where
    it is blank."""

    number: int
    offset: int
    length: int
    found: T | Wrong | None


def refuse_foreign(beginning: bytes, path: Path | str) -> None:
    """Raise `UnreadableError` where a file that begins so is no text in UTF-8."""
    if (what := describe_file(beginning)) is not None:
        raise UnreadableError(Fault(f"this file {what}", None, path))


def each_line(
    content: bytes,
    form: type[T] = Record,  # type: ignore[assignment]
    *,
    number: int = 0,
    offset: int = 0,
    team: str | None = None,
) -> Iterator[Line[T]]:
    """Every line of a file's content, or of its end, `number` lines and `offset` bytes into it; one that names no team
    is `team`'s."""
    begin = len(_MARK) if not offset and content.startswith(_MARK) else 0
    leads = [lead for lead in _UNSEEN if lead.isascii()] if content.isascii() else list(_UNSEEN)
    unseen = [_UNSEEN[lead] for lead in leads if lead in content and _UNSEEN[lead].search(content)]
    read_line = _reader(form, unseen)
    while begin < len(content):
        end = content.find(b"\n", begin)
        end = len(content) if end < 0 else end
        line = content[begin:end]
        number += 1
        found: T | Wrong | None = None
        if line.strip():
            found = _record(line, form, read_line)
            if isinstance(found, Wrong) and found.newer is None:
                found = found._replace(strange=describe_line(line), whole=is_whole(line))
            elif team is not None and isinstance(found, (Record, Pair)) and found.team is None:
                found = found.model_copy(update={"team": team})
        yield Line(number, offset + begin, end - begin, found)
        begin = end + 1


def notices_of(
    path: Path | str, wrong: Iterable[tuple[int, Wrong]], lines: int, form: type[JournalLine], *, strict: bool = False
) -> tuple[str, ...]:
    """What to say of a file of so many `lines`, with what is `wrong` with some of them by number, in their order.

    Raises `NewerError` with `strict`, where any is of a newer version.
    """
    notices: list[str] = []
    newer: dict[int, list[int]] = {}
    for number, one in wrong:
        if one.newer is not None:
            newer.setdefault(one.newer, []).append(number)
        elif one.strange is None and number == lines and not one.whole:
            notices.append(
                f"{path}:{number}: the last line is torn (a run was killed, or the disk was full) and was passed "
                "over; the next run moves it aside"
            )
        else:
            notices.append(f"{path}:{number}: this line is damaged and was passed over ({one.strange or one.why})")
    faults = [_newer_fault(path, version, numbers, form.readable[-1]) for version, numbers in newer.items()]
    if strict and faults:
        raise NewerError(*faults)
    return (*notices, *(f"{fault}; passed over until then" for fault in faults))


def _record(line: bytes, form: type[T], read_line: Callable[[bytes], T]) -> T | Wrong:
    if form.sealed:
        line = unsealed(line)
    try:
        record = read_line(line)
    except ValidationError as error:
        fields = _fields(line)
        if form.sealed and fields is not None and fields.pop("seal", None) is not None:  # formatted by another program
            return _record(to_json(fields), form, read_line)
        if fields is None or fields.get("schema_version") in form.readable:
            return Wrong(_first(error))
        return _strange(fields.get("schema_version"), form.readable[-1])
    if "schema_version" not in record.model_fields_set:
        return _strange(None, form.readable[-1])
    if record.schema_version not in form.readable:
        return _strange(record.schema_version, form.readable[-1])
    return record.brought_up()


def _strange(version: object, known: int) -> Wrong:
    """A line whose version isn't known: damage makes one that no harness will ever reach."""
    if isinstance(version, int) and known < version < _NO_VERSION:
        return Wrong("it is of a newer version", version)
    return Wrong("it has no schema version" if version is None else "there is no such schema version")


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
    with open_results(path) as file:
        return file.read(MOST_BYTES)


@contextmanager
def open_results(path: Path) -> Iterator[BinaryIO]:
    """The results file at `path`, under the lock of those who read: one without it could meet a record that is half
    written, and call it torn. Raises OSError, and `RefusedError` where it is too large."""
    with locked(path, os.O_RDONLY, Lock.SHARED) as (fd, _), os.fdopen(fd, "rb", closefd=False) as file:
        if os.fstat(fd).st_size > MOST_BYTES:
            raise RefusedError(too_large(MOST_BYTES), path, errno.EFBIG)
        yield file


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


def _newer_fault(path: Path | str, version: int, numbers: Sequence[int], known: int) -> Fault:
    more = f", like {len(numbers) - 1} more of this file" if len(numbers) > 1 else ""
    return Fault(
        f"this record has schema version {version}, written by a newer version of the harness{more}; this one reads up "
        f"to version {known}",
        "update the harness: git pull, then make run; or pip install --upgrade from where it came",
        path,
        numbers[0],
    )
