"""What can be asked: the views, their columns, types and units."""

from __future__ import annotations

from typing import Any

from bench.database.views import VIEWS, columns_of
from bench.report.core.table import Heading, Table

__all__ = ["schema_rows", "schema_tables"]


def schema_tables() -> tuple[Table, ...]:
    """A table each of the views."""
    columns = (Heading("column"), Heading("type"), Heading("unit"), Heading("what it is"))
    return tuple(
        Table(
            f"{view.name}: one row each: {view.about}",
            columns,
            tuple((one.name, _short(one.type), one.unit, one.about) for one in columns_of(view)),
        )
        for view in VIEWS.values()
    )


def schema_rows() -> list[dict[str, Any]]:
    """The same for programs, a dict each of the columns."""
    return [
        {"view": view.name, "column": one.name, "type": one.type, "unit": one.unit or None, "about": one.about}
        for view in VIEWS.values()
        for one in columns_of(view)
    ]


def _short(form: str) -> str:
    return form.partition("(")[0] if form.startswith("STRUCT") else form
