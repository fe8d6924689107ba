"""Files of results brought into an index: what is new in each is read as always, and only that."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from bench.errors import Fault
from bench.results.index.seen import New, Seen, what_is_new
from bench.results.journal_line import JournalLine
from bench.results.reading import Line, UnreadableError, Wrong, each_line, notices_of, refuse_foreign, unreadable
from bench.results.team import team_of_file
from bench.support.gc_paused import gc_paused
from bench.support.side_by_side import side_by_side

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

__all__ = ["FILES", "ApartSink", "ChangedError", "Files", "Looked", "Sink"]

FILES = """
CREATE TABLE files (
    file INTEGER, path VARCHAR, inode UBIGINT, size UBIGINT, mtime BIGINT, ctime BIGINT, looked BIGINT,
    covered UBIGINT, lines INTEGER, digest VARCHAR
);
CREATE TABLE wrong (file INTEGER, line INTEGER, why VARCHAR, newer INTEGER, strange VARCHAR, whole BOOLEAN);
"""
"""The tables that every index has."""


class Sink(Protocol):
    """What keeps the records of an index."""

    def add(self, file: int, line: Line[Any]) -> None: ...

    def forget(self, file: int) -> None: ...


class ApartSink(Sink, Protocol):
    """One that keeps of a record what `take` makes of its line, which goes from process to process."""

    def take(self, line: Line[Any]) -> Any: ...

    def put(self, file: int, taken: Any) -> None: ...


class ChangedError(Exception):
    """A file isn't as the index has it, and this reader can't change that."""


class Looked(NamedTuple):
    """A file that was looked into: its number in the index, None where it holds nothing, and notices on its lines."""

    file: int | None
    inode: int
    notices: tuple[str, ...]


class Files:
    """What an index knows of files. Without a `sink` nothing can be added to it."""

    def __init__(self, connection: DuckDBPyConnection, sink: Sink | None = None) -> None:
        self._connection, self._sink = connection, sink
        rows = connection.execute(f"SELECT {', '.join(Seen._fields)} FROM files").fetchall()  # noqa: S608 - own names
        self._known = {row[1]: Seen(*row) for row in rows}
        self._last = max((seen.file for seen in self._known.values()), default=0)
        self._wrong: dict[int, list[tuple[int, Wrong]]] = {}
        for file, line, *wrong in connection.execute("SELECT * FROM wrong ORDER BY file, line").fetchall():
            self._wrong.setdefault(file, []).append((line, Wrong(*wrong)))

    @property
    def names(self) -> frozenset[str]:
        """The files that the index has."""
        return frozenset(self._known)

    def stand(self, paths: Mapping[str, Path]) -> bool:
        """Are these files, by the names that the index has for them, as it knows them?"""
        try:
            return all(
                name in self._known and self._known[name].is_settled(path.stat()) for name, path in paths.items()
            )
        except OSError:
            return False

    def look(self, name: str, path: Path, form: type[JournalLine]) -> Looked:
        """Bring one file in. Raises `ChangedError` where it isn't as it was, and there is no sink."""
        before = self._known.get(name)
        reading = _reading(path, form, before)
        if isinstance(reading, _Without):
            return self._without(before, reading)
        if reading.new.digest is not None and self._sink is None:
            raise ChangedError
        file = self._number(before, reading.new.goes_on)
        with gc_paused():
            for line in reading.lines():
                if self._sink is None:
                    raise ChangedError
                self._sink.add(file, line)
        return self._close(file, name, path, form, reading.told())

    def look_apart(self, paths: Mapping[str, Path], form: type[JournalLine], sink: ApartSink) -> list[Looked]:
        """Bring these files in, by the names that the index has for them, each read in one of several processes."""
        found = side_by_side(
            partial(_read_apart, form, sink.take), [(path, self._known.get(name)) for name, path in paths.items()]
        )
        looked = []
        for (name, path), one in zip(paths.items(), found, strict=True):
            before = self._known.get(name)
            if isinstance(one, _Without):
                looked.append(self._without(before, one))
                continue
            told, taken = one
            file = self._number(before, told.goes_on)
            for each in taken:
                sink.put(file, each)
            looked.append(self._close(file, name, path, form, told))
        return looked

    def drop(self, names: Collection[str]) -> None:
        """Forget all files but these."""
        for name in self._known.keys() - set(names):
            self._forget(self._known[name].file)

    def _number(self, before: Seen | None, goes_on: bool) -> int:
        """The number of a file that was `before`, if it was: its own where it goes on, else a new one."""
        if before is not None and goes_on:
            return before.file
        if before is not None:
            self._forget(before.file)
        self._last += 1
        return self._last

    def _close(self, file: int, name: str, path: Path, form: type[JournalLine], told: _Told) -> Looked:
        """A file was read to its end."""
        known = self._wrong.get(file, [])
        if told.changed:
            self._keep(told.seen._replace(file=file, path=name), told.wrong)
        return Looked(file, told.seen.inode, notices_of(path, [*known, *told.wrong, *told.torn], told.last, form))

    def _keep(self, seen: Seen, wrong: Sequence[tuple[int, Wrong]]) -> None:
        self._connection.execute("DELETE FROM files WHERE file = ?", [seen.file])
        self._connection.execute("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", seen)
        if wrong:
            rows = [(seen.file, number, *one) for number, one in wrong]
            self._connection.executemany("INSERT INTO wrong VALUES (?, ?, ?, ?, ?, ?)", rows)

    def _without(self, before: Seen | None, gone: _Without) -> Looked:
        if before is not None and self._sink is not None:
            self._forget(before.file)
        return Looked(None, 0, tuple(f"{fault}; it was passed over" for fault in gone.faults))

    def _forget(self, file: int) -> None:
        for table in ("files", "wrong"):
            self._connection.execute(f"DELETE FROM {table} WHERE file = ?", [file])  # noqa: S608 - our own names
        if self._sink is not None:
            self._sink.forget(file)


class _Without(NamedTuple):
    """There is no such file, or it can't be read."""

    faults: tuple[Fault, ...] = ()


class _Told(NamedTuple):
    """What reading a file to its end has told, beside its records: see `New`; what is `seen` has no number and no path
    yet. Lines that are `torn`, or may be, are looked at each time."""

    seen: Seen
    goes_on: bool
    changed: bool
    wrong: tuple[tuple[int, Wrong], ...]
    torn: tuple[tuple[int, Wrong], ...]
    last: int


class _Reading:
    """What is new in a file, as it is read."""

    def __init__(self, path: Path, form: type[JournalLine], new: New) -> None:
        self.new, self._form, self._team = new, form, team_of_file(path.absolute())
        self._end = new.content.rfind(b"\n") + 1
        self._wrong: list[tuple[int, Wrong]] = []
        self._torn: list[tuple[int, Wrong]] = []
        self._lines = self._last = new.lines
        self._is_whole = True

    def lines(self) -> Iterator[Line[Any]]:
        """Those that hold something whole."""
        new, end = self.new, self._end
        for line in self._each(new.content[:end], new.lines, new.begin):
            self._lines = self._last = line.number
            if isinstance(line.found, Wrong):
                self._wrong.append((line.number, line.found))
            elif line.found is not None:
                yield line
        for line in self._each(new.content[end:], self._lines, new.begin + end):
            self._last = line.number
            if isinstance(line.found, Wrong):  # torn, most likely: it is looked at each time, and is no part of it
                self._torn.append((line.number, line.found))
            elif line.found is not None:  # an editor's; what is appended would go on in it, so that nothing is kept
                self._is_whole = False
                yield line

    def told(self) -> _Told:
        """What it has told, once all lines were read."""
        new, digest = self.new, ""
        if new.digest is not None and self._is_whole:
            new.digest.update(new.content[: self._end])
            digest = new.digest.hexdigest()
        status = new.status
        times = status.st_mtime_ns, status.st_ctime_ns, new.looked
        seen = Seen(0, "", status.st_ino, status.st_size, *times, new.begin + self._end, self._lines, digest)
        changed = new.digest is not None
        return _Told(seen, new.goes_on, changed, tuple(self._wrong), tuple(self._torn), self._last)

    def _each(self, content: bytes, number: int, offset: int) -> Iterator[Line[Any]]:
        return each_line(content, self._form, number=number, offset=offset, team=self._team)


def _reading(path: Path, form: type[JournalLine], before: Seen | None) -> _Reading | _Without:
    try:
        new = what_is_new(path, before)
        if not new.goes_on:
            refuse_foreign(new.content, path)
    except FileNotFoundError:
        return _Without()
    except OSError as error:
        return _Without(unreadable(path, error.strerror).faults)
    except UnreadableError as error:
        return _Without(error.faults)
    return _Reading(path, form, new)


def _read_apart(
    form: type[JournalLine], take: Callable[[Line[Any]], Any], one: tuple[Path, Seen | None]
) -> tuple[_Told, list[Any]] | _Without:
    reading = _reading(one[0], form, one[1])
    if isinstance(reading, _Without):
        return reading
    with gc_paused():
        taken = [take(line) for line in reading.lines()]
    return reading.told(), taken
