"""A report in short: what answers and what decides, in a bounded number of lines for each suite on each host."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from bench.report.core.abridged import abridged, lines_of
from bench.report.core.section import Section
from bench.report.core.table import Note

__all__ = ["LINES", "short"]

LINES = 150
"""Of a report of one suite on one host, the handout's tables included."""

_FIGURE_LINES = 2
_SIDE_LINES = 26
"""Of a table beside the suite's own."""

_NAMED = 4
"""Of the tables that are left out."""

_FEWEST_LINES = 60
"""Of a suite's table, however long the handout's tables are."""


def short(parts: Sequence[Section], where: str) -> tuple[Section, ...]:
    """The sections of `bench.report.sections` without those that are detail, the others abridged where they must be.

    `where` tells where all of it is; the last table of each suite names what was left out.
    """
    groups = [list(group) for _, group in groupby(parts, lambda section: section.group)]
    room = LINES - sum(_lines(section) for group in groups if group[0].group is None for section in group)
    return tuple(
        section
        for group in groups
        for section in (group if group[0].group is None else _of_suite(group, max(room, _FEWEST_LINES), where))
    )


def _of_suite(group: Sequence[Section], room: int, where: str) -> list[Section]:
    first, *others = (section for section in group if not section.detail)
    beside = [replace(section, table=abridged(section.table, _SIDE_LINES, where)) for section in others]
    more = [Note(f"{_named(titles)}: {where}")] if (titles := _detail_titles(group)) else []
    own = room - sum(map(_lines, beside)) - _FIGURE_LINES * (first.drawing is not None) - len(more)
    shown = [replace(first, table=abridged(first.table, own, where)), *beside]
    last = shown[-1].table
    shown[-1] = replace(shown[-1], table=replace(last, notes=(*last.notes, *more)))
    return shown


def _detail_titles(group: Sequence[Section]) -> list[str]:
    titles = (section.table.title.split(" — ")[0] for section in group if section.detail)
    return list(dict.fromkeys(title[0].lower() + title[1:] for title in titles))


def _named(titles: Sequence[str]) -> str:
    rest = len(titles) - _NAMED
    shown = f"{'; '.join(titles[:_NAMED])}; and {rest} more" if rest > 1 else "; ".join(titles)
    return f"more tables ({shown})"


def _lines(section: Section) -> int:
    return lines_of(section.table) + _FIGURE_LINES * (section.drawing is not None)
