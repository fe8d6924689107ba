"""A speed-up as text."""

from __future__ import annotations

from bench.analyse.compare import PROCESS_SPREAD, Ratio
from bench.report.table import Note
from bench.results.metric import significant, with_margin

__all__ = ["PROCESSES", "VERDICTS", "as_fast", "speedup_text"]

_MARKS = {"faster": "▲", "slower": "▼", "not distinguishable": "≈"}

PROCESSES = (
    f"the spread between processes (taken as {PROCESS_SPREAD * 100:g} %, as measured on a 2-core virtual machine)"
)
"""What a ratio's interval covers beside the noise of windows."""

VERDICTS = (
    Note("▲ faster than the baseline, ▼ slower, ≈ not distinguishable from it"),
    Note(f"± is half of a 95 % interval: for steps over their windows, for speed-ups also over {PROCESSES}"),
)
"""What the marks mean."""


def speedup_text(ratio: Ratio, *, mark: bool = True) -> str:
    """`1.35 ± 0.02 ▲`."""
    text = with_margin(ratio.value, (ratio.high - ratio.low) / 2)
    return f"{text} {_MARKS[ratio.verdict]}" if mark else text


def as_fast(ratio: Ratio) -> str:
    """How many times as fast, as people say it: `2.08 ± 5 %`, and below 1 as a fraction, `1/14.1 ± 4 %`."""
    shown = significant(ratio.value) if ratio.value >= 1 else f"1/{significant(1 / ratio.value)}"
    margin = (ratio.high - ratio.low) / 2 / ratio.value
    return f"{shown.removeprefix('1/') if shown == '1/1.00' else shown} ± {max(1, round(margin * 100))} %"
