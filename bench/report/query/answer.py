"""An answer to SQL: as a table, as CSV, as JSON."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

from pydantic_core import to_json

from bench.database.ask import Answer
from bench.database.views import VIEWS, columns_of
from bench.errors import Fault, InputError
from bench.report.core.monospaced import render
from bench.report.core.table import Heading, Note, Table
from bench.results.metric import ABSENT

__all__ = ["MOST_ROWS", "csv_lines", "json_parts", "table_text"]

MOST_ROWS: Final = 1_000
"""Of a table: who wants more wants a file."""
_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL", "NUMBER")


def table_text(answer: Answer) -> str:
    """The answer as a table of one width, its first rows; ends with a newline."""
    rows = list(islice(answer.rows, MOST_ROWS + 1))
    units = _units(answer)
    headings = tuple(
        Heading(f"{name}, {units[name]}" if name in units else name, "right" if _is_number(form) else "left")
        for name, form in answer.columns
    )
    notes = [] if rows else [Note("no rows")]
    if len(rows) > MOST_ROWS:
        notes = [Note(f"only the first {MOST_ROWS:,} rows; --csv and --json have all")]
    body = tuple(tuple(map(_shown, row)) for row in rows[:MOST_ROWS])
    return render(Table("", headings, body, tuple(notes)))


def csv_lines(answer: Answer) -> Iterator[str]:
    """The answer as lines of CSV, unrounded; what is absent is empty."""
    yield _csv([name for name, _ in answer.columns])
    for row in answer.rows:
        yield _csv([_text(value) for value in row])


def json_parts(answer: Answer) -> Iterator[str]:
    """The answer as a JSON list of objects, unrounded; what is absent or not finite is null.

    Raises InputError where two columns have one name.
    """
    names = [name for name, _ in answer.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(Fault(f"two columns are called '{twice[0]}'", f'name one otherwise: AS "{twice[0]}_2"'))
    begin = "[\n"
    for row in answer.rows:
        one = to_json(dict(zip(names, row, strict=True)), inf_nan_mode="null").decode()
        yield f"{begin}  {one}"
        begin = ",\n"
    yield "[]\n" if begin == "[\n" else "\n]\n"


def _units(answer: Answer) -> dict[str, str]:
    """Units of the columns that are a view's own: a name that the question gives may stand for anything."""
    known = {column.name: column.unit for view in VIEWS.values() for column in columns_of(view) if column.unit}
    return {name: known[name] for name, _ in answer.columns if name in known and name not in answer.given}


def _is_number(form: str) -> bool:
    return form.upper().lstrip("U").startswith(_NUMBERS)


def _shown(value: Any) -> str:
    if isinstance(value, float) and math.isfinite(value):
        return f"{value:.6g}"
    return ABSENT if value is None else _text(value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def _csv(row: Sequence[str] | Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(row)
    return line.getvalue()
