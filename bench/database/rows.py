"""Windows and epochs of records in hand, as the views of these names have them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

from bench.database.column import View
from bench.database.records import EPOCHS, WINDOWS, Stored, epochs_of, windows_of
from bench.results.record import Record

__all__ = ["Row", "Rows", "rows_of", "view_of"]

Rows = Literal["windows", "epochs"]


class Row(NamedTuple):
    """One of a `record`: of its process of that number, from 0 (an epoch is of the first), and what the view's columns
    read."""

    record: Record
    process: int
    of: Any


def view_of(rows: Rows) -> View[Any]:
    """The view; its first column numbers records in the database, and says nothing of these."""
    return WINDOWS if rows == "windows" else EPOCHS


def rows_of(rows: Rows, records: Iterable[Record]) -> Iterator[Row]:
    """Each window of every process of these records, or each epoch."""
    for record in records:
        if rows == "epochs":
            yield from (Row(record, 0, one) for one in epochs_of(Stored(0, "", 0, record)))
            continue
        for number, process in enumerate(record.processes):
            yield from (Row(record, number, one) for one in windows_of(Stored(0, "", 0, process)))
