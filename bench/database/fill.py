"""What fills the tables: rows of records and pairs as they are read, given to DuckDB with the types of each column."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json

from bench.database.column import View
from bench.database.hosts import HOSTS
from bench.database.pairs import PAIRS, StoredPair
from bench.database.records import EPOCHS, RECORDS, WINDOWS, Stored, epochs_of, windows_of
from bench.host.profile import HostProfile
from bench.results.index.lines import LineSink
from bench.results.pair import Pair
from bench.results.reading import Line
from bench.results.record import Record

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

__all__ = ["TableSink", "fill_hosts", "number_of"]

_LINES_OF_A_FILE = 2**32
_FLUSH = 20_000
"""Rows that are kept until DuckDB gets them."""


def number_of(file: int, line: int) -> int:
    """The number of the record in a line of a file."""
    return file * _LINES_OF_A_FILE + line


class TableSink:
    """Takes records and pairs; `name` is the file that they are of."""

    def __init__(self, connection: DuckDBPyConnection) -> None:
        self.name = ""
        self._connection = connection
        self._lines = LineSink(connection, keeps=False)
        self._tables = [_Table(connection, view, of_file=True) for view in (RECORDS, WINDOWS, EPOCHS, PAIRS)]

    def add(self, file: int, line: Line[Any]) -> None:
        """Take what a line holds."""
        found = line.found
        records, windows, epochs, pairs = self._tables
        if isinstance(found, Pair):
            pairs.add(file, [StoredPair(self.name, line.number, found)])
        elif isinstance(found, Record):
            stored = Stored(number_of(file, line.number), self.name, line.number, found)
            self._lines.add(file, line)
            records.add(file, [stored])
            windows.add(file, windows_of(stored))
            epochs.add(file, epochs_of(stored))

    def forget(self, file: int) -> None:
        """Forget what a file held."""
        self._lines.forget(file)
        for table in self._tables:
            table.forget(file)

    def flush(self) -> None:
        """Let DuckDB have all of it."""
        self._lines.flush()
        for table in self._tables:
            table.flush()


class _Table:
    """Rows of a view, column by column: one JSON object of lists, whose types are told and never guessed."""

    def __init__(self, connection: DuckDBPyConnection, view: View[Any], *, of_file: bool) -> None:
        self._connection, self._name, self._of_file = connection, f"{view.name}_rows", of_file
        self._reads = [column.read for column in view.columns]
        types = {column.name: column.type for column in view.columns} | ({"of_file": "INTEGER"} if of_file else {})
        self._names = tuple(types)
        self._types = json.dumps({name: f"{form}[]" for name, form in types.items()})
        self._rows: list[list[Any]] = []

    def add(self, file: int, each: Iterable[Any]) -> None:
        for one in each:
            row = [read(one) for read in self._reads]
            if self._of_file:
                row.append(file)
            self._rows.append(row)
        if len(self._rows) >= _FLUSH:
            self.flush()

    def forget(self, file: int) -> None:
        self._connection.execute(f"DELETE FROM {self._name} WHERE of_file = ?", [file])  # noqa: S608 - our own names

    def flush(self) -> None:
        if not self._rows:
            return
        columns = dict(zip(self._names, zip(*self._rows, strict=True), strict=True))
        unnested = ", ".join(f'unnest(given."{name}")' for name in self._names)
        self._connection.execute(
            f"INSERT INTO {self._name} SELECT {unnested} FROM (SELECT from_json_strict(?, ?) AS given)",  # noqa: S608
            [to_json(columns, inf_nan_mode="null").decode(), self._types],
        )
        self._rows.clear()


def fill_hosts(connection: DuckDBPyConnection, profiles: Iterable[HostProfile]) -> None:
    """Let the database have these hosts, and no others."""
    connection.execute("DELETE FROM hosts_rows")
    table = _Table(connection, HOSTS, of_file=False)
    table.add(0, profiles)
    table.flush()
