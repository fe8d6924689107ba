"""A comparison as people read it."""

from __future__ import annotations

from bench.analyse.sides import Comparison
from bench.report.compare_table import compare_table
from bench.report.markdown import escape, render

__all__ = ["compare_text"]


def compare_text(comparison: Comparison) -> str:
    """Its table and notes as Markdown; the notes alone where no cell has a row. Ends with a newline."""
    table = compare_table(comparison)
    if table.rows:
        return render(table, 2)
    notes = "".join(f"- {escape(note.text)}\n" for note in table.notes)
    return f"## {escape(table.title)}\n\n{notes}"
