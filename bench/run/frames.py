"""pandas frames of records, where pandas is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from bench.database.column import Column
from bench.database.records import KEY, STARTED, Stored
from bench.database.rows import Rows, rows_of, view_of
from bench.errors import Fault, InputError
from bench.results.metrics import METRICS
from bench.results.record import Record

__all__ = ["frames", "record_frame", "row_frame"]

_TYPES = {"DOUBLE": "float64", "BOOLEAN": "bool", "UBIGINT": "uint64"}
"""Of columns that are never absent; other whole numbers may be."""


def frames() -> Any:
    """The module pandas. Raises InputError where it isn't installed: few need it, so it is no requirement."""
    try:
        import pandas
    except ModuleNotFoundError:
        raise InputError(
            Fault("a frame wants the package pandas, which is not installed", "pip install pandas")
        ) from None
    return pandas


def record_frame(records: Sequence[Record]) -> Any:
    """A row for each record: what names it, and every metric."""
    keys = ("host", "team", "suite", "model", "variant", "batch_size", "seed", "status", "started")
    whole = {"batch_size": "int64", "seed": "uint64"}
    columns = {key: ([getattr(record, key) for record in records], whole.get(key, "str")) for key in keys}
    columns |= {name: ([one.read(record) for record in records], "float64") for name, one in METRICS.items()}
    return _frame(columns, {name: one.stored_unit for name, one in METRICS.items()})


def row_frame(records: Iterable[Record], rows: Rows) -> Any:
    """A row for each window or epoch of these records: what names the record, its beginning, and what a view of that
    name has. `process` counts a record's processes from 0; an epoch is of the first."""
    found, view = list(rows_of(rows, records)), view_of(rows)
    named: tuple[Column[Stored], ...] = (*KEY, STARTED)
    columns = {one.name: ([one.read(row.of.stored) for row in found], _type(one)) for one in named}
    if rows == "windows":
        columns["process"] = [row.process for row in found], "int64"
    columns |= {one.name: ([one.read(row.of) for row in found], _type(one)) for one in view.columns[1:]}
    return _frame(columns, {one.name: one.unit for one in view.columns})


def _type(column: Column[Any]) -> str:
    if column.type == "VARCHAR":
        return "str"
    if column.type == "TIMESTAMP":
        return "datetime64[us]"
    return _TYPES.get(column.type, "Int64" if column.name == "cycle" else "int64")


def _frame(columns: dict[str, tuple[list[Any], str]], units: dict[str, str]) -> Any:
    """Each column is given its type: pandas would make one of another where all of its values are absent."""
    pandas = frames()
    texts = "str" if int(pandas.__version__.partition(".")[0]) >= 3 else "object"
    frame = pandas.DataFrame(
        {
            name: pandas.Series(values, dtype=texts if form == "str" else form)
            for name, (values, form) in columns.items()
        }
    )
    frame.attrs["units"] = {name: unit for name, unit in units.items() if unit}
    return frame
