"""A table in letters of one width, for the output of a notebook's cell, which shows no Markdown."""

from __future__ import annotations

from tabulate import tabulate

from bench.report.core.table import Note, Table
from bench.support.plain_text import plain_text

__all__ = ["render"]


def render(table: Table) -> str:
    """The table under its title, each note on a line; ends with a newline."""
    body = tabulate(
        [[_text(cell) for cell in row] for row in table.rows],
        headers=[_text(column.heading) for column in table.columns],
        tablefmt="simple",
        colalign=[column.align for column in table.columns],
        disable_numparse=True,
    )
    notes = [_note(note) for note in table.notes]
    return "\n".join([*([_text(table.title), ""] if table.title else []), body, *notes]) + "\n"


def _note(note: Note) -> str:
    return f"{_text(note.mark)} {_text(note.text)}" if note.mark else _text(note.text)


def _text(text: str) -> str:
    return plain_text(" ".join(text.split()))
