"""A table cut to what fits into a number of lines."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from bench.report.core.row_names import without_repeats
from bench.report.core.table import Note, Table

__all__ = ["abridged", "lines_of"]

_FEWEST_ROWS = 3
_AROUND_ROWS = 5
"""The title, the columns' names, the rule below them, and a blank line after title and rows."""


def lines_of(table: Table) -> int:
    """How many lines it takes as Markdown, with the blank one after it."""
    return _AROUND_ROWS + len(table.rows) + (len(table.notes) + 1 if table.notes else 0)


def abridged(table: Table, lines: int, where: str) -> Table:
    """The table in that many lines, and as it is where it fits; a few rows stay whatever the lines.

    Of rows those stay that `table.keep` names, then the first ones. Of notes those of marks stay whose rows do, and the
    first of the others, in at most a third of the lines. `where` tells where all of it is.
    """
    if lines_of(table) <= lines:
        return table
    unmarked = [note for note in table.notes if not note.mark]

    def cut(size: tuple[int, int]) -> Table:
        return _cut(table, size[0], set(unmarked[: size[1]]), where)

    sizes = _sizes(len(table.rows), len(unmarked), lines)
    place = bisect_left(sizes, True, key=lambda size: lines_of(cut(size)) <= lines)
    return cut(sizes[min(place, len(sizes) - 1)])


def _sizes(rows: int, unmarked: int, lines: int) -> list[tuple[int, int]]:
    """Ever smaller numbers of rows and unmarked notes: fewer notes first, then fewer rows too."""
    spare, most = max(1, lines // 3), min(rows, max(lines, _FEWEST_ROWS))
    return [
        *((rows, notes) for notes in range(unmarked - 1, spare - 1, -1)),
        *((count, spare) for count in range(most, min(most, _FEWEST_ROWS) - 1, -1)),
    ]


def _cut(table: Table, count: int, unmarked: set[Note], where: str) -> Table:
    places = sorted(list(dict.fromkeys((*table.keep, *range(len(table.rows)))))[:count])
    rows = _named_anew(table.rows, places)
    marks = set(re.findall(r"\w+|[^\w\s]", " ".join(cell for row in rows for cell in row)))
    notes = tuple(note for note in table.notes if (note.mark in marks if note.mark else note in unmarked))
    return replace(table, rows=rows, notes=(*notes, Note(_left_out(table, rows, notes, where))), keep=())


def _named_anew(rows: Sequence[tuple[str, ...]], places: Sequence[int]) -> tuple[tuple[str, ...], ...]:
    """The rows at these places, names that were blank since they repeat the row before in full where that is gone."""
    full: list[tuple[str, ...]] = []
    blank = [len(list(takewhile(lambda cell: not cell, row))) for row in rows]
    for row, count in zip(rows, blank, strict=True):
        full.append((*(full[-1][:count] if full else row[:count]), *row[count:]))
    found = []
    before: tuple[str, ...] = ()
    for place in places:
        names = full[place][: blank[place]]
        found.append((*without_repeats(names, before[: blank[place]]), *full[place][blank[place] :]))
        before = full[place]
    return tuple(found)


def _left_out(table: Table, rows: Sequence[object], notes: Sequence[Note], where: str) -> str:
    counts = {"row": len(table.rows) - len(rows), "note": len(table.notes) - len(notes)}
    return " and ".join(f"{n} more {what}{'s' * (n > 1)}" for what, n in counts.items() if n) + f": {where}"
