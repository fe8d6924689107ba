"""The table of a run under way: every cell and what is known of it by now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from bench.analyse.compare import Ratio
from bench.measure.stats import estimate_of
from bench.results.metric import with_margin
from bench.results.query import Identity, identity
from bench.results.record import Record

if TYPE_CHECKING:
    from bench.analyse.standings import Standing

__all__ = ["coarse_table"]

_STYLES = {"faster": "green", "slower": "red", "same": "cyan", "undecided": "yellow"}


def coarse_table(records: Sequence[Record], standing: Mapping[Identity, Standing]) -> Table:
    """The cells of `records`, each with its step time, its speed-up and how that stands."""
    table = Table(box=None, pad_edge=False)
    for heading in ("cell", "ms/step", "times as fast", "processes", "answer"):
        table.add_column(heading, justify="left" if heading in ("cell", "answer") else "right")
    for record in records:
        found = estimate_of(record.timed) if record.ok else None
        step = "" if found is None else with_margin(found.step_seconds * 1e3, found.margin * found.step_seconds * 1e3)
        ratio, verdict, answer = "", "", record.status.replace("_", " ") if not record.ok else "baseline"
        one = standing.get(identity(record))
        if one is not None and isinstance(one.ratio, Ratio) and one.verdict is not None:
            ratio = with_margin(one.ratio.value, one.ratio.margin * one.ratio.value)
            answer = verdict = one.verdict
            if one.needed:
                answer += f", needs about {one.needed} more"
        processes = str(len(record.processes))
        table.add_row(Text(record.cell), step, ratio, processes, Text(answer, style=_STYLES.get(verdict, "")))
    return table
