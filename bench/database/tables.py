"""The database brought up to date with the files that it is of."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bench.database.fill import TableSink, fill_hosts, number_of
from bench.database.views import SCHEMA
from bench.errors import Fault, InputError
from bench.host.registry import known
from bench.results.index.files import ChangedError, Files, Looked
from bench.results.index.folder import FOLDER
from bench.results.index.lines import needed_lines
from bench.results.index.store import changing, discard, opened, stamp
from bench.results.journal_line import JournalLine
from bench.results.pair import Pair
from bench.results.query import pairs_files, results_files
from bench.results.record import Record
from bench.support.gc_paused import gc_paused

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from bench.host.profile import HostProfile

__all__ = ["up_to_date"]

_FILE = "tables.duckdb"


class _Source(NamedTuple):
    """A file by its name in the database, and the form of its lines."""

    name: str
    path: Path
    form: type[JournalLine]


@contextmanager
def up_to_date(root: Path, notice: Callable[[str], object]) -> Iterator[Path]:
    """The file of the database, with all that lies under `root`, for as long as the block lasts.

    It is `results/.index/tables.duckdb`, or a temporary one where that can't be kept; `notice` is told so, and of each
    line of results that was passed over. Raises InputError where it can be written nowhere.
    """
    import duckdb

    hosts = known(root)
    for text in hosts.notices:
        notice(text)
    index = root / "results" / FOLDER / _FILE
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        spare = Path(folder) / FOLDER / _FILE
        why: str | None = None
        for place in (index, index, spare):
            if why is not None and place is index:
                continue
            try:
                with gc_paused():
                    refused, notices = _brought(root, place, hosts.profiles)
            except (duckdb.Error, ChangedError):
                discard(place)
                continue
            if refused is None:
                break
            why = refused
        else:
            raise InputError(
                Fault("the database can be written nowhere", "make room, or let TMPDIR name another folder")
            )
        for text in notices:
            notice(text)
        if place is spare:
            reason = f" ({why})" if why else ""
            notice(f"{index.parent}: the database of these results can't be kept{reason}; it is made anew each time")
        yield place


def _brought(root: Path, index: Path, profiles: tuple[HostProfile, ...]) -> tuple[str | None, list[str]]:
    """Why the index can't be kept, if it can't; and notices on lines."""
    base = root / "results"
    sources = [
        *(_Source(path.relative_to(base).as_posix(), path, Record) for path in results_files(root)),
        *(_Source(path.relative_to(base).as_posix(), path, Pair) for path in pairs_files(root)),
    ]
    made_by, of_hosts = stamp(Path(__file__).parent), _digest(profiles)
    with opened(index, made_by) as connection:
        if connection is not None:
            files = Files(connection)
            stand = files.names == {one.name for one in sources} and files.stand(
                {one.name: one.path for one in sources}
            )
            if stand and connection.execute("SELECT digest FROM of_hosts").fetchall() == [(of_hosts,)]:
                return None, [text for one in sources for text in files.look(*one).notices]
    with changing(index, SCHEMA, made_by) as change:
        if change.refused is not None:
            return change.refused, []
        sink = TableSink(change.connection)
        files = Files(change.connection, sink)
        found: list[Looked] = []
        for one in sources:
            sink.name = one.name
            found.append(files.look(*one))
        files.drop({one.name for one in sources})
        sink.flush()
        _mark_newest(change.connection, [one.file for one, of in zip(found, sources, strict=True) if of.form is Record])
        fill_hosts(change.connection, profiles)
        change.connection.execute("DELETE FROM of_hosts")
        change.connection.execute("INSERT INTO of_hosts VALUES (?)", [of_hosts])
    return change.refused, [text for one in found for text in one.notices]


def _digest(profiles: tuple[HostProfile, ...]) -> str:
    return hashlib.sha256(b"\n".join(one.model_dump_json().encode() for one in profiles)).hexdigest()


def _mark_newest(connection: DuckDBPyConnection, files: list[int | None]) -> None:
    needed = needed_lines(connection, [file for file in files if file is not None])
    connection.execute("DELETE FROM newest_records")
    numbers = [number_of(place.file, place.line) for place in needed]
    connection.execute("INSERT INTO newest_records SELECT unnest(?::BIGINT[])", [numbers])
