"""Columns of which no row may have a figure: they are left out, and a note says why."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.analyse.planning.amount import Amount
from bench.report.core.footnotes import Footnotes
from bench.report.core.table import Heading, Note
from bench.report.planning.amounts import amount_text
from bench.results.metric import ABSENT
from bench.system.nvml import Reading

__all__ = ["FigureColumn", "figure_columns"]


@dataclass(frozen=True)
class FigureColumn:
    """A figure of each row: its heading, the unit that it is shown in (`scale` of them to one), and what follows it."""

    heading: str
    figures: Sequence[Reading[Amount]]
    scale: float = 1.0
    after: Sequence[str] = ()

    def text(self, row: int, letters: Footnotes) -> str:
        """What stands in a row: a dash with a letter for the reason where there is no figure."""
        found = self.figures[row]
        if found.value is None:
            return f"{ABSENT} ({letters.marks([found.reason])})" if found.reason else ABSENT
        shown = amount_text(found.value, self.scale)
        return f"{shown} {self.after[row]}" if self.after and self.after[row] else shown


def figure_columns(
    columns: Sequence[FigureColumn], hosts: Sequence[str]
) -> tuple[tuple[Heading, ...], Callable[[int, Footnotes], tuple[str, ...]], tuple[Note, ...]]:
    """The headings of those that have a figure, what stands in a row of them, and notes on those that have none;
    `hosts` are the rows'. The first column always stands, and rows without a figure there need no second reason."""
    shown = [one for one in columns if one is columns[0] or any(found.value is not None for found in one.figures)]
    known = [found.value is not None for found in columns[0].figures]
    notes = tuple(Note(f"no {one.heading}: {_reasons(one, hosts, known)}") for one in columns if one not in shown)
    if not any(known):
        notes = ()

    def row(place: int, letters: Footnotes) -> tuple[str, ...]:
        return tuple(one.text(place, letters) for one in shown)

    return tuple(Heading(one.heading, "right") for one in shown), row, notes


def _reasons(column: FigureColumn, hosts: Sequence[str], known: Sequence[bool]) -> str:
    by_reason: dict[str, dict[str, None]] = {}
    for host, found in itertools.compress(zip(hosts, column.figures, strict=True), known):
        by_reason.setdefault(found.reason or "not known", {})[host] = None
    if len(by_reason) == 1:
        return next(iter(by_reason))
    return "; ".join(f"{', '.join(of)}: {why}" for why, of in by_reason.items())
