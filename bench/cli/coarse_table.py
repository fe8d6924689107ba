"""The table of a run under way: every cell and what is known of it by now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from bench.analyse.stats.ratio import Ratio
from bench.instruments.stats import estimate_of
from bench.report.core.speedup_text import speedup_text
from bench.results.metrics import METRICS
from bench.results.query import Identity, identity
from bench.results.record import Record

if TYPE_CHECKING:
    from bench.analyse.speedup.standings import Standing

__all__ = ["coarse_table"]

_STYLES = {"faster": "green", "slower": "red", "same": "cyan", "undecided": "yellow"}


def coarse_table(records: Sequence[Record], standing: Mapping[Identity, Standing]) -> Table:
    """The cells of `records`, each with its step time, its speed-up and how that stands."""
    step_time = METRICS["step_seconds"]
    table = Table(box=None, pad_edge=False)
    for heading in ("cell", "ms/step", "times as fast", "processes", "answer"):
        table.add_column(heading, justify="left" if heading in ("cell", "answer") else "right")
    for record in records:
        found = estimate_of(record.timed) if record.ok else None
        step = (
            "" if found is None else step_time.text_with_margin(found.step_seconds, found.margin * found.step_seconds)
        )
        ratio, verdict, answer = "", "", record.status.replace("_", " ") if not record.ok else "baseline"
        one = standing.get(identity(record))
        if one is not None and isinstance(one.ratio, Ratio) and one.verdict is not None:
            ratio = speedup_text(one.ratio, mark=False)
            answer = verdict = one.verdict
            if one.needed:
                answer += f", needs about {one.needed} more"
        processes = str(len(record.processes))
        table.add_row(Text(record.cell), step, ratio, processes, Text(answer, style=_STYLES.get(verdict, "")))
    return table
