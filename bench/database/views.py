"""Every view by name, and the tables that they are made of."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from bench.database.column import Column, View
from bench.database.hosts import HOSTS
from bench.database.pairs import PAIRS
from bench.database.records import EPOCHS, KEY, RECORDS, WINDOWS
from bench.results.index.lines import SCHEMA as LINES

__all__ = ["SCHEMA", "VIEWS", "columns_of"]

VIEWS: Final[Mapping[str, View[Any]]] = MappingProxyType(
    {view.name: view for view in (RECORDS, WINDOWS, EPOCHS, PAIRS, HOSTS)}
)
_OF_RECORDS = (WINDOWS, EPOCHS)
_NEWEST: Final[Column[Any]] = Column(
    "newest", "BOOLEAN", "is it of the newest run of its cell, which tables show?", lambda _: None
)


def columns_of(view: View[Any]) -> tuple[Column[Any], ...]:
    """The columns that SQL sees, in their order."""
    if view in _OF_RECORDS:
        record, *own = view.columns
        return (record, *KEY, _NEWEST, *own)
    if view is RECORDS:
        named = 1 + len(KEY)
        return (*view.columns[:named], _NEWEST, *view.columns[named:])
    return tuple(view.columns)


def _made(view: View[Any]) -> str:
    """The table that holds what is read, and the view of it."""
    held = ", ".join(f'"{column.name}" {column.type}' for column in view.columns)
    if view.name != HOSTS.name:
        held += ", of_file INTEGER"
    shown = ", ".join(f'"{column.name}"' for column in columns_of(view))
    of = f"{view.name}_rows"
    if view in _OF_RECORDS:
        key = ", ".join(f'"{column.name}"' for column in KEY)
        of = f"{of} JOIN (SELECT record, {key} FROM records_rows) USING (record)"  # noqa: S608 - our own names
    if _NEWEST in columns_of(view):
        of = f"(SELECT *, record IN (FROM newest_records) AS newest FROM {of})"  # noqa: S608
    lines = [
        f"CREATE TABLE {view.name}_rows ({held})",
        f"CREATE VIEW {view.name} AS SELECT {shown} FROM {of}",  # noqa: S608
        f"COMMENT ON VIEW {view.name} IS {_quoted(f'one row each: {view.about}')}",
        *(f'COMMENT ON COLUMN {view.name}."{one.name}" IS {_quoted(one.comment)}' for one in columns_of(view)),
    ]
    return ";\n".join(lines) + ";\n"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


SCHEMA: Final = (
    LINES
    + "CREATE TABLE newest_records (record BIGINT);\nCREATE TABLE of_hosts (digest VARCHAR);\n"
    + "".join(map(_made, VIEWS.values()))
)
"""All tables and views of the database, with their comments."""
