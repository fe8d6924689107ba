"""pandas frames of records, where pandas is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from bench.database.column import Column
from bench.database.records import EPOCHS, KEY, STARTED, WINDOWS, Stored, epochs_of, windows_of
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
    keys = ("host", "suite", "model", "variant", "batch_size", "seed", "status", "started")
    whole = {"batch_size": "int64", "seed": "uint64"}
    columns = {key: ([getattr(record, key) for record in records], whole.get(key, "str")) for key in keys}
    columns |= {name: ([one.read(record) for record in records], "float64") for name, one in METRICS.items()}
    return _frame(columns, {name: one.stored_unit for name, one in METRICS.items()})


def row_frame(records: Iterable[Record], rows: Literal["windows", "epochs"]) -> Any:
    """A row for each window or epoch of these records: what names the record, its beginning, and what a view of that
    name has. `process` counts a record's processes from 0; an epoch is of the first."""
    stored = [
        (nth, Stored(0, "", 0, process))
        for record in records
        for nth, process in enumerate(record.processes if rows == "windows" else (record,))
    ]
    view, each = (WINDOWS, windows_of) if rows == "windows" else (EPOCHS, epochs_of)
    found: list[tuple[int, Any]] = [(nth, one) for nth, of in stored for one in each(of)]
    named: tuple[Column[Stored], ...] = (*KEY, STARTED)
    columns = {one.name: ([one.read(of.stored) for _, of in found], _type(one)) for one in named}
    if rows == "windows":
        columns["process"] = [nth for nth, _ in found], "int64"
    columns |= {one.name: ([one.read(of) for _, of in found], _type(one)) for one in view.columns[1:]}
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
