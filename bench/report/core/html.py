"""A table as HTML, for notebooks: a fragment without scripts, everything in it escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from bench.report.core.table import Note, Table
from bench.support.plain_text import plain_text

__all__ = ["render"]


def render(table: Table, *, by_class: bool = False) -> str:
    """The table under its title, its notes as a list; `by_class`: for a page whose style has a class for numbers, and
    whose policy takes no other style."""
    sides = [f' style="text-align:{column.align}"' for column in table.columns]
    if by_class:
        sides = [' class="number"' if column.align == "right" else "" for column in table.columns]
    head = _row("th", [column.heading for column in table.columns], sides)
    body = "\n".join(_row("td", row, sides) for row in table.rows)
    parts = [f"<table>\n<thead>\n{head}\n</thead>\n<tbody>\n{body}\n</tbody>\n</table>"]
    if table.title:
        title = _text(table.title)
        parts.insert(0, f"<h2>{title}</h2>" if by_class else f"<p><strong>{title}</strong></p>")
    if table.notes:
        notes = "\n".join(f"<li>{_note(note)}</li>" for note in table.notes)
        parts.append(f"<ul>\n{notes}\n</ul>")
    return "\n".join(parts) + "\n"


def _row(tag: str, cells: Sequence[str], sides: Sequence[str]) -> str:
    inner = "".join(f"<{tag}{side}>{_text(cell)}</{tag}>" for cell, side in zip(cells, sides, strict=True))
    return f"<tr>{inner}</tr>"


def _note(note: Note) -> str:
    return f"<strong>{_text(note.mark)}</strong> {_text(note.text)}" if note.mark else _text(note.text)


def _text(text: str) -> str:
    return escape(plain_text(" ".join(text.split())))
