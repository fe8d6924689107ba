"""The table of a run under way: every cell and what is known of it by now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from bench.report.suite.brief_table import brief_table, verdict_of
from bench.results.query import Identity
from bench.results.record import Record

if TYPE_CHECKING:
    from bench.analyse.speedup.standings import Standing

__all__ = ["coarse_table"]

_STYLES = {"faster": "green", "slower": "red", "same": "cyan", "undecided": "yellow"}


def coarse_table(records: Sequence[Record], standing: Mapping[Identity, Standing]) -> Table:
    """The brief table of `records` for a terminal, each answer in its colour."""
    brief = brief_table(records, standing)
    table = Table(box=None, pad_edge=False)
    for column in brief.columns:
        table.add_column(column.heading, justify=column.align)
    for record, row in zip(records, brief.rows, strict=True):
        verdict = verdict_of(record, standing)
        answer = Text(row[-1], style=_STYLES[verdict] if verdict else "")
        table.add_row(Text(row[0]), *map(Text, row[1:-1]), answer)
    return table
