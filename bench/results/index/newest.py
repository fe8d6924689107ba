"""The newest records of each cell: where there is much to read, through an index of the lines that hold them."""

from __future__ import annotations

import itertools
import os
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.results.index.folder import FOLDER
from bench.results.query import attempts, newest, read_files, results_files
from bench.results.reading import Read, Wrong, each_line, open_results
from bench.results.record import Record
from bench.results.team import team_of_file
from bench.support.gc_paused import gc_paused
from bench.support.side_by_side import KilledError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from bench.results.index.files import Looked
    from bench.results.index.lines import Place

__all__ = ["MUCH_BYTES", "read_newest", "read_resumable"]

MUCH_BYTES: Final = 2**26
"""Of results from which on an index is worth its while: below, whoever needs it waits for DuckDB alone."""
_FILE = "lines.duckdb"


class _DoubtError(Exception):
    """The index says what the files don't."""


def read_newest(
    root: Path,
    hosts: Collection[str] | None = None,
    suites: Collection[str] | None = None,
    teams: Collection[str] | None = None,
) -> Read[Record]:
    """The records that `bench.results.query.latest` is made of: those of the newest attempt at each cell, by cell in
    the order in which these first appear under `<root>/results`; of some hosts' or teams' folders or suites' files
    where given.

    Notices and what is raised are those of `bench.results.query.read_all`. Where there is much to read, an index in
    `results/.index` tells which lines hold them; a notice says so where it can't be kept.
    """
    paths = results_files(root, hosts, suites, teams)
    if not is_much(paths):
        return of_newest(read_files(paths, Record))
    return _indexed(root, paths) or of_newest(read_files(paths, Record))


def read_resumable(root: Path, path: Path) -> Read[Record]:
    """Of one file under `<root>/results` the newest records of each cell, and all of the run that measured last, in the
    file's order; all of them where they aren't many."""
    if not is_much([path]):
        return read_files([path], Record)
    return _indexed(root, [path], last_run=True) or read_files([path], Record)


def of_newest(read: Read[Record]) -> Read[Record]:
    """What was read, without records of attempts that aren't their cells' newest."""
    found = newest(attempts(read.records))
    return Read(tuple(itertools.chain.from_iterable(found)), read.notices)


def is_much(paths: Iterable[Path]) -> bool:
    """Are the files large enough for an index?"""
    return sum(map(_size, paths)) >= MUCH_BYTES


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _indexed(root: Path, paths: Sequence[Path], *, last_run: bool = False) -> Read[Record] | None:
    """None where the index and the files don't go together, DuckDB gives up, or a process that read for it was killed:
    the files decide."""
    import duckdb

    from bench.results.index.store import discard

    index = root / "results" / FOLDER / _FILE
    for _ in range(2):
        try:
            with gc_paused():
                return _through(index, root, paths, last_run)
        except (_DoubtError, duckdb.Error, KilledError):
            discard(index)
    return None


def _through(index: Path, root: Path, paths: Sequence[Path], last_run: bool) -> Read[Record]:
    from bench.results.index.files import ChangedError, Files
    from bench.results.index.lines import SCHEMA, LineSink
    from bench.results.index.store import changing, opened, stamp

    base = root / "results"
    named = {path.relative_to(base).as_posix(): path for path in paths}
    with opened(index, stamp()) as connection:
        if connection is not None:
            files = Files(connection)
            if files.stand(named):
                try:
                    found = [files.look(name, path, Record) for name, path in named.items()]
                except ChangedError:
                    pass
                else:
                    return _taken(connection, paths, found, {}, last_run)
    with changing(index, SCHEMA, stamp()) as change:
        sink = LineSink(change.connection)
        files = Files(change.connection, sink)
        if sum(not files.stand({name: path}) for name, path in named.items()) > 1:
            found = files.look_apart(named, Record, sink)
        else:
            found = [files.look(name, path, Record) for name, path in named.items()]
        files.drop({path.relative_to(base).as_posix() for path in results_files(root)})
        sink.flush()
        read = _taken(change.connection, paths, found, sink.kept.take(), last_run)
    if change.refused is None:
        return read
    notice = f"{index.parent}: the index of these results can't be kept ({change.refused}); reading them takes as long "
    return Read(read.records, (*read.notices, notice + "each time"))


def _taken(
    connection: DuckDBPyConnection,
    paths: Sequence[Path],
    found: Sequence[Looked],
    kept: dict[tuple[int, int], Record],
    last_run: bool,
) -> Read[Record]:
    """The needed records, out of their lines; raises `_DoubtError` where these aren't what the index says."""
    from bench.results.index.lines import needed_lines

    there = [nth for nth, one in enumerate(found) if one.file is not None]
    needed = needed_lines(connection, [one.file for one in found if one.file is not None], last_run=last_run)
    left: dict[int, list[Place]] = {}
    for place in needed:
        if (place.file, place.line) not in kept:
            left.setdefault(place.nth, []).append(place)
    for nth, places in left.items():
        kept |= _read(paths[there[nth]], found[there[nth]].inode, places)
    notices = itertools.chain.from_iterable(one.notices for one in found)
    return Read(tuple(kept[place.file, place.line] for place in needed), tuple(notices))


def _read(path: Path, inode: int, places: Sequence[Place]) -> dict[tuple[int, int], Record]:
    ordered = sorted(places, key=lambda place: place.start)
    try:
        with open_results(path) as file:
            if os.fstat(file.fileno()).st_ino != inode:
                raise _DoubtError
            lines = [os.pread(file.fileno(), place.length, place.start) for place in ordered]
    except OSError:
        raise _DoubtError from None
    if any(b"\n" in line for line in lines):
        raise _DoubtError
    records: dict[tuple[int, int], Record] = {}
    found = each_line(b"\n".join(lines), Record, team=team_of_file(path.absolute()))
    for place, line in zip(ordered, found, strict=True):
        if line.found is None or isinstance(line.found, Wrong) or not place.is_of(line.found):
            raise _DoubtError
        records[place.file, place.line] = line.found
    return records
