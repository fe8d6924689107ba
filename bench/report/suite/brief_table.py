"""A suite's table in brief: every cell and what is known of it by now, narrow enough for a terminal or a notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.analyse.speedup.standings import Standing
from bench.analyse.stats.ratio import Ratio, Verdict
from bench.instruments.stats import estimate_of
from bench.report.core.speedup_text import speedup_text
from bench.report.core.table import Heading, Table
from bench.results.metric import ABSENT
from bench.results.metrics import METRICS
from bench.results.query import Identity, identity
from bench.results.record import Record

__all__ = ["brief_table", "verdict_of"]

_ACCURACY = METRICS["held_out_accuracy"]


def brief_table(records: Sequence[Record], standing: Mapping[Identity, Standing], title: str = "") -> Table:
    """The cells of `records`, each with its step time, its speed-up and how that stands; with the held-out accuracy
    where cells were trained to one."""
    step_time = METRICS["step_seconds"]
    trained = any(record.history for record in records)
    accuracy = (Heading(_ACCURACY.heading, "right"),) if trained else ()
    rows = []
    for record in records:
        found = estimate_of(record.timed) if record.ok else None
        step = (
            "" if found is None else step_time.text_with_margin(found.step_seconds, found.margin * found.step_seconds)
        )
        ratio, answer = "", record.status.replace("_", " ") if not record.ok else "baseline"
        one = standing.get(identity(record))
        if one is not None and isinstance(one.ratio, Ratio) and one.verdict is not None:
            ratio = speedup_text(one.ratio, mark=False)
            answer = one.verdict
            if one.needed:
                answer += f", needs about {one.needed} more"
        reached = _ACCURACY.show(record, unit=False) if record.history else ABSENT
        rows.append((record.cell, step, ratio, *([reached] if trained else []), str(len(record.processes)), answer))
    columns = (
        Heading("cell"),
        Heading(step_time.heading, "right"),
        Heading("times as fast", "right"),
        *accuracy,
        Heading("processes", "right"),
        Heading("answer"),
    )
    return Table(title, columns, tuple(rows))


def verdict_of(record: Record, standing: Mapping[Identity, Standing]) -> Verdict | None:
    """Of the record's row; None where it has none."""
    one = standing.get(identity(record))
    return one.verdict if one is not None and isinstance(one.ratio, Ratio) else None
