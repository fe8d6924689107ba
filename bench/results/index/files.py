"""Files of results brought into an index: what is new in each is read as always, and only that."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from bench.results.index.seen import New, Seen, what_is_new
from bench.results.journal_line import JournalLine
from bench.results.reading import Line, UnreadableError, Wrong, each_line, notices_of, refuse_foreign, unreadable
from bench.results.team import team_of_file
from bench.support.gc_paused import gc_paused

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

__all__ = ["FILES", "ChangedError", "Files", "Looked", "Sink"]

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
        try:
            new = what_is_new(path, before)
            if not new.goes_on:
                refuse_foreign(new.content, path)
        except FileNotFoundError:
            return self._without(before, ())
        except OSError as error:
            return self._without(before, unreadable(path, error.strerror).faults)
        except UnreadableError as error:
            return self._without(before, error.faults)
        if new.digest is not None and self._sink is None:
            raise ChangedError
        return self._add(name, path, form, before, new)

    def drop(self, names: Collection[str]) -> None:
        """Forget all files but these."""
        for name in self._known.keys() - set(names):
            self._forget(self._known[name].file)

    def _add(self, name: str, path: Path, form: type[JournalLine], before: Seen | None, new: New) -> Looked:
        if before is not None and not new.goes_on:
            self._forget(before.file)
        if before is not None and new.goes_on:
            file, wrong = before.file, self._wrong.get(before.file, [])
        else:
            self._last = file = self._last + 1
            wrong = []
        team = team_of_file(path.absolute())
        known, lines, end = len(wrong), new.lines, new.content.rfind(b"\n") + 1
        body, tail = new.content[:end], new.content[end:]
        with gc_paused():
            for line in each_line(body, form, number=lines, offset=new.begin, team=team):
                lines = line.number
                if isinstance(line.found, Wrong):
                    wrong.append((lines, line.found))
                elif line.found is not None:
                    self._put(file, line)
        added, last, is_whole = wrong[known:], lines, True
        for line in each_line(tail, form, number=lines, offset=new.begin + end, team=team):
            last = line.number
            if isinstance(line.found, Wrong):  # torn, most likely: it is looked at each time, and is no part of it
                wrong.append((last, line.found))
            elif line.found is not None:  # an editor's; what is appended would go on in it, so that nothing is kept
                is_whole = False
                self._put(file, line)
        if new.digest is not None:
            new.digest.update(body)
            digest = new.digest.hexdigest() if is_whole else ""
            self._keep(new.as_seen(file, name, new.begin + end, lines, digest), added)
        return Looked(file, new.status.st_ino, notices_of(path, wrong, last, form))

    def _put(self, file: int, line: Line[Any]) -> None:
        if self._sink is None:
            raise ChangedError
        self._sink.add(file, line)

    def _keep(self, seen: Seen, wrong: list[tuple[int, Wrong]]) -> None:
        self._connection.execute("DELETE FROM files WHERE file = ?", [seen.file])
        self._connection.execute("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", seen)
        if wrong:
            rows = [(seen.file, number, *one) for number, one in wrong]
            self._connection.executemany("INSERT INTO wrong VALUES (?, ?, ?, ?, ?, ?)", rows)

    def _without(self, before: Seen | None, faults: tuple[Any, ...]) -> Looked:
        if before is not None and self._sink is not None:
            self._forget(before.file)
        return Looked(None, 0, tuple(f"{fault}; it was passed over" for fault in faults))

    def _forget(self, file: int) -> None:
        for table in ("files", "wrong"):
            self._connection.execute(f"DELETE FROM {table} WHERE file = ?", [file])  # noqa: S608 - our own names
        if self._sink is not None:
            self._sink.forget(file)
