"""A table as GitHub's Markdown, which is readable as it stands too."""

from __future__ import annotations

import re
from functools import lru_cache

from tabulate import tabulate

from bench.report.core.table import Note, Table
from bench.support.plain_text import plain_text

__all__ = ["escape", "render"]

# an underscore within a word stands for itself, at a word's end it opens emphasis; brackets alone make no link
_SPECIAL = re.compile(r"[\\|<*`]|\](?=[(\[])|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")


@lru_cache(maxsize=1 << 14)
def escape(text: str) -> str:
    r"""Text on one line that Markdown shows as it is, in a table's cell too.

    >>> print(escape("simple_cnn | __init__"))
    simple_cnn \| \_\_init\_\_
    """
    return _SPECIAL.sub(lambda found: "\\" + found.group(), plain_text(" ".join(text.split())))


def render(table: Table, level: int = 3) -> str:
    """The table under a heading of that level, its notes as a list; ends with a newline."""
    body = tabulate(
        [[escape(cell) for cell in row] for row in table.rows],
        headers=[escape(column.heading) for column in table.columns],
        tablefmt="pipe",
        colalign=[column.align for column in table.columns],
        disable_numparse=True,
    )
    parts = [f"{'#' * level} {escape(table.title)}", body]
    if table.notes:
        parts.append("\n".join(map(_note, table.notes)))
    return "\n\n".join(parts) + "\n"


def _note(note: Note) -> str:
    return f"- **{escape(note.mark)}** {escape(note.text)}" if note.mark else f"- {escape(note.text)}"
