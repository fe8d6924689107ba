"""What a question may be: one SELECT, of the documented views alone.

DuckDB's own parser says what the text is; what it reads and calls is then told from a list of what is allowed, or of
what says something of the machine. The second wall is DuckDB's own settings: see `bench.database.child`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

__all__ = ["Looked", "Refused", "look"]

_TABLE_FUNCTIONS = ("unnest", "range", "generate_series")
_FUNCTIONS = ("getenv", "current_setting", "getvariable", "nextval", "currval", "setval", "write_log")
"""What a question has no use for: it would tell of the machine or of DuckDB, or change something."""
_NOWHERE = 2**64 - 1


class Refused(NamedTuple):
    """Why a text is no question: `kind` is how it is wrong, `name` what it names, `position` the byte or character
    there, as DuckDB counts."""

    kind: str
    name: str = ""
    position: int | None = None


class Looked(NamedTuple):
    """A question: why it isn't one, or the names that it gives to what it computes."""

    refused: Refused | None
    given: tuple[str, ...] = ()


def look(connection: DuckDBPyConnection, sql: str, views: Collection[str]) -> Looked:
    """Look into a text of SQL. Raises `duckdb.Error` where DuckDB can't take it."""
    found = json.loads(connection.execute("SELECT json_serialize_sql(?::VARCHAR)", [sql]).fetchall()[0][0])
    if found["error"]:
        if found.get("error_type") == "parser":
            position = found.get("position")
            return Looked(Refused("syntax", found["error_message"], int(position) if position else None))
        several = len(connection.extract_statements(sql)) > 1
        return Looked(Refused("several" if several else "no select"))
    if len(found["statements"]) != 1:
        return Looked(Refused("several" if found["statements"] else "nothing"))
    nodes = list(_nodes(found))
    known = {*views, *(name for node in nodes for name in _common_tables(node))}
    wrong = next((wrong for node in nodes if (wrong := _wrong(node, known)) is not None), None)
    given = {str(node["alias"]) for node in nodes if node.get("alias")}
    given |= {str(name) for node in nodes for name in node.get("column_name_alias") or ()}
    given |= {str(name) for node in nodes for name in node.get("aliases") or () if isinstance(name, str)}
    return Looked(wrong, tuple(sorted(given)))


def _wrong(node: dict[str, Any], known: Collection[str]) -> Refused | None:
    kind, position = node.get("type"), node.get("query_location")
    place = position if isinstance(position, int) and position != _NOWHERE else None
    if kind == "BASE_TABLE":
        elsewhere = node.get("catalog_name") or node.get("schema_name")
        if elsewhere or node["table_name"].lower() not in known:
            return Refused("table", node["table_name"], place)
    if kind == "TABLE_FUNCTION" and node["function"]["function_name"].lower() not in _TABLE_FUNCTIONS:
        return Refused("table function", node["function"]["function_name"], place)
    if kind == "SHOW_REF":
        return Refused("show", position=place)
    if str(node.get("function_name", "")).lower() in _FUNCTIONS:
        return Refused("function", node["function_name"], place)
    return None


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            yield one
            left += one.values()
        elif isinstance(one, list):
            left += one


def _common_tables(node: dict[str, Any]) -> Iterator[str]:
    """What a WITH names."""
    given = node.get("cte_map")
    if isinstance(given, dict):
        yield from (str(one["key"]).lower() for one in given["map"])
