"""A frame as CSV (RFC 4180), which pandas, DuckDB and spreadsheets read."""

from __future__ import annotations

import csv
import io
from typing import Any

from bench.report.export.frame import Frame

__all__ = ["csv_text"]

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""A cell of text that begins so is a formula to Excel, LibreOffice or Google Sheets, quoted or not; the wide ones to a
Japanese Excel."""


def csv_text(frame: Frame) -> str:
    """The frame with its columns' names in the first line. Numbers are unrounded, what was not measured is empty.

    It begins with a byte order mark, without which Excel takes UTF-8 for the system's own encoding; pandas and DuckDB
    pass over it. Text that a spreadsheet would take for a formula has an apostrophe before it.
    """
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(column.name for column in frame.columns)
    lines.writerows(map(_cell, row) for row in frame.rows)
    return f"\ufeff{text.getvalue()}"


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.lstrip().startswith(_FORMULA):
        return f"'{value}"
    return value
