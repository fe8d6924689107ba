"""A frame as Parquet, by pyarrow.

DuckDB is lighter and writes Parquet as well, but no metadata of a column: units would have to be looked up elsewhere.
pyarrow keeps each column's, and pandas reads and writes by it too.
"""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any, BinaryIO

from bench.report.export.extras import needed
from bench.report.export.frame import Column, Frame
from bench.results.bounded import moment_of

__all__ = ["write_parquet"]


def write_parquet(frame: Frame, file: BinaryIO) -> None:
    """Write the frame, with `unit`, `description` and `better` in the metadata of each column that has them.

    pandas' `read_parquet` gives the units as `attrs["units"]`, too, as `bench.read` does. Raises InputError where
    pyarrow isn't installed.
    """
    arrow = needed("pyarrow", "parquet", "pyarrow")
    parquet = needed("pyarrow.parquet", "parquet", "pyarrow")
    units = {column.name: column.unit for column in frame.columns if column.unit}
    kinds = {
        "text": arrow.string(),
        "integer": arrow.int64(),
        "number": arrow.float64(),
        "flag": arrow.bool_(),
        "moment": arrow.timestamp("us", tz="UTC"),
    }
    # the key under which pandas keeps a frame's `attrs`
    about = {"PANDAS_ATTRS": json.dumps({"units": units})}
    schema = arrow.schema([_field(arrow, kinds, column) for column in frame.columns], metadata=about)
    values = zip(*frame.rows, strict=True) if frame.rows else [()] * len(frame.columns)
    arrays = [
        arrow.array([_value(value, column) for value in cells], type=kinds[column.kind])
        for column, cells in zip(frame.columns, values, strict=True)
    ]
    parquet.write_table(arrow.Table.from_arrays(arrays, schema=schema), file, compression="zstd")


def _field(arrow: Any, kinds: dict[str, Any], column: Column) -> Any:
    about = {"unit": column.unit, "description": column.legend, "better": column.better or ""}
    return arrow.field(column.name, kinds[column.kind], metadata={key: text for key, text in about.items() if text})


def _value(value: Any, column: Column) -> Any:
    if value is None:
        return None
    if column.kind == "moment":
        return moment_of(value).astimezone(UTC)
    return float(value) if column.kind == "number" else value
