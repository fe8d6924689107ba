"""A speed-up as text."""

from __future__ import annotations

from bench.analyse.compare import PROCESS_SPREAD, Ratio
from bench.report.table import Note
from bench.results.metric import with_margin

__all__ = ["VERDICTS", "speedup_text"]

_MARKS = {"faster": "▲", "slower": "▼", "not distinguishable": "≈"}

VERDICTS = Note(
    "▲ faster than the baseline, ▼ slower, ≈ not distinguishable from it; every ± is half of a 95 % interval: of a step "
    "over its windows, of a speed-up also over what differs from one process to the next "
    f"(standard deviation {PROCESS_SPREAD:.0%})"
)
"""What the marks mean."""


def speedup_text(ratio: Ratio) -> str:
    """`1.35 ± 0.02 ▲`."""
    return f"{with_margin(ratio.value, (ratio.high - ratio.low) / 2)} {_MARKS[ratio.verdict]}"
