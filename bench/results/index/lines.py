"""Where each record's line lies, and what tells which of them are the newest: no more of a record than that."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from bench.results.index.files import FILES
from bench.results.index.kept import Kept
from bench.results.query import identity, rank
from bench.results.reading import Line
from bench.results.record import Record

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

__all__ = ["SCHEMA", "LineSink", "Place", "needed_lines"]

SCHEMA = f"""
{FILES}
CREATE TABLE lines (
    file INTEGER, line INTEGER, start BIGINT, length INTEGER, cell UBIGINT, run UBIGINT, attempt UBIGINT, rank BIGINT
);
"""
"""`cell`, `run` and `attempt` are hashes; the latter are 0 where a record took no turns. An attempt is a run's at a
cell with one workload."""

_COLUMNS = {
    "file": "int32",
    "line": "int32",
    "start": "int64",
    "length": "int32",
    "cell": "uint64",
    "run": "uint64",
    "attempt": "uint64",
    "rank": "int64",
}
_FLUSH = 50_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_COUNTS = 1 << 60  # no moment that a record can have is as far from 1970

# as `latest` has it: an attempt is as new as its newest record, and of equally new ones the later one wins
_NEEDED = """
WITH wanted AS (
    SELECT unnest($files::INTEGER[]) AS file, generate_subscripts($files::INTEGER[], 1)::BIGINT - 1 AS nth
), placed AS (
    SELECT lines.*, nth, nth * 4294967296 + line AS place, CASE WHEN attempt = 0 THEN place ELSE -1 END AS alone
    FROM lines JOIN wanted USING (file)
), attempts AS (
    SELECT cell, attempt, alone, min(place) AS first, max(rank) AS rank FROM placed GROUP BY cell, attempt, alone
), newest AS (
    SELECT cell, attempt, alone, min(first) OVER (PARTITION BY cell) AS cell_first FROM attempts
    QUALIFY row_number() OVER (PARTITION BY cell ORDER BY rank DESC, first DESC) = 1
)
SELECT nth, file, line, start, length, cell, rank
FROM placed JOIN newest USING (cell, attempt, alone) ORDER BY cell_first, place
"""
_OF_LAST_RUN = """
UNION SELECT nth, file, line, start, length, cell, rank FROM placed
WHERE run <> 0 AND run = (SELECT arg_max(run, place) FROM placed WHERE run <> 0) ORDER BY nth, line
"""


class Place(NamedTuple):
    """Where a record's line is: the `nth` of the files that were asked for, its number there, its first byte and its
    length; and the cell and rank that it must be of."""

    nth: int
    file: int
    line: int
    start: int
    length: int
    cell: int
    rank: int

    def is_of(self, record: Record) -> bool:
        """Is this the record that the index has in mind?"""
        return self.cell == cell_number(record) and self.rank == rank_number(record)


class Taken(NamedTuple):
    """A row of `lines`, but for its file."""

    line: int
    start: int
    length: int
    cell: int
    run: int
    attempt: int
    rank: int


def cell_number(record: Record) -> int:
    """Which cell it is of, on which host."""
    return _hash(*identity(record))


def rank_number(record: Record) -> int:
    """`bench.results.query.rank` as one number."""
    counts, moment = rank(record)
    return (moment - _EPOCH) // _MICROSECOND + (_COUNTS if counts else 0)


def needed_lines(connection: DuckDBPyConnection, files: Sequence[int], *, last_run: bool = False) -> list[Place]:
    """The lines of these files that hold the newest attempt of each cell, in the order in which cells first appear.

    With `last_run` all lines of the newest run are among them, and they are in the order of the files.
    """
    query = _NEEDED
    if last_run:
        query = query.partition(" ORDER BY cell_first")[0] + _OF_LAST_RUN
    return list(map(Place._make, connection.execute(query, {"files": list(files)}).fetchall()))


class LineSink:
    """Takes down where records lie; with `keeps`, `kept` are those of them that may be needed at once."""

    def __init__(self, connection: DuckDBPyConnection, *, keeps: bool = True) -> None:
        self.kept = Kept()
        self._keeps = keeps
        self._connection = connection
        self._rows: list[tuple[int, ...]] = []
        self._numbers: dict[tuple[str | int, ...], int] = {}

    def add(self, file: int, line: Line[Record]) -> None:
        """Take down one record's line."""
        taken = self.take(line)
        self.put(file, taken)
        if self._keeps:
            assert isinstance(line.found, Record)
            self.kept.offer(taken.cell, taken.attempt, taken.rank, (file, taken.line), line.found)

    def take(self, line: Line[Record]) -> Taken:
        """What is taken down of a record's line."""
        record = line.found
        assert isinstance(record, Record)
        turns = record.turns if record.counts else None
        run = attempt = 0
        if turns is not None:
            run, attempt = self._number(turns.run), self._number(turns.run, record.fingerprint)
        cell = self._number(*identity(record))
        return Taken(line.number, line.offset, line.length, cell, run, attempt, rank_number(record))

    def put(self, file: int, taken: Taken) -> None:
        """Take down what was taken of a line of this file."""
        self._rows.append((file, *taken))
        if len(self._rows) >= _FLUSH:
            self.flush()

    def _number(self, *names: str | int) -> int:
        found = self._numbers.get(names)
        if found is None:
            found = self._numbers[names] = _hash(*names)
        return found

    def forget(self, file: int) -> None:
        """Forget a file's lines."""
        self._connection.execute("DELETE FROM lines WHERE file = ?", [file])

    def flush(self) -> None:
        """Let the index have all that was taken down."""
        if not self._rows:
            return
        import numpy as np  # a tenth of a second, which who only reads needn't wait for

        columns = dict(zip(_COLUMNS, zip(*self._rows, strict=True), strict=True))
        arrays = {name: np.array(columns[name], dtype=form) for name, form in _COLUMNS.items()}
        self._connection.register("added", arrays)
        self._connection.execute(f"INSERT INTO lines SELECT {', '.join(_COLUMNS)} FROM added")  # noqa: S608 - own names
        self._connection.unregister("added")
        self._rows.clear()


def _hash(*names: str | int) -> int:
    text = "\0".join(map(str, names)).encode(errors="surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest()) or 1
