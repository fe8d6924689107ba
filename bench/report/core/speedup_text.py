"""A speed-up as text."""

from __future__ import annotations

from collections.abc import Mapping

from bench.analyse.stats.ratio import Ratio
from bench.analyse.stats.spread import Spread
from bench.report.core.table import Note
from bench.results.metric import significant, with_margin

__all__ = ["ALIKE", "MARKS", "as_fast", "between_processes", "speedup_text", "verdicts"]

_FRACTIONS_BELOW = 2 / 3

MARKS = {"faster": "▲", "slower": "▼", "same": "=", "undecided": "?"}
ALIKE = "≈"
"""Stands where two figures that aren't ratios, such as accuracies, can't be distinguished."""


def verdicts(spread: Spread, same_within: float) -> tuple[Note, ...]:
    """What the marks mean where speed-ups are given on a host with this spread."""
    covered = between_processes({"this host": spread})
    return (
        Note(
            f"▲ faster than the baseline, ▼ slower, whatever the number of variants; = the same within "
            f"{same_within * 100:g} %; ? undecided"
        ),
        Note(f"± is half of a 95 % interval: for steps over their windows, for speed-ups also over {covered}"),
    )


def between_processes(spreads: Mapping[str, Spread]) -> str:
    """What a ratio's interval covers beside the noise of windows, and where that is known from; `spreads` by label.

    >>> between_processes({"this host": Spread(0.0132, 19, measured=True)})
    'the spread between processes (1.32 %, measured on this host by bench selftest)'
    """
    parts = []
    for spread in dict.fromkeys(spreads.values()):
        labels = [label for label, own in spreads.items() if own == spread]
        several = len(labels) > 1
        who = "these hosts" if several and len(labels) == len(spreads) else " and ".join(labels)
        parts.append(
            f"{significant(spread.share * 100)} %, measured on {who} by bench selftest"
            if spread.measured
            else f"taken as {spread.share * 100:g} %, as measured on a 2-core virtual machine: {who} "
            f"{'have' if several else 'has'} no self-test yet, run bench selftest"
        )
    return f"the spread between processes ({'; '.join(parts)})"


def speedup_text(ratio: Ratio, *, mark: bool = True) -> str:
    """`1.35 ± 0.02 ▲`."""
    text = with_margin(ratio.value, ratio.margin * ratio.value)
    return f"{text} {MARKS[ratio.verdict]}" if mark else text


def as_fast(ratio: Ratio) -> str:
    """How many times as fast, as people say it: `2.08 ± 5 %`, `0.96 ± 2 %`, and far below 1 `1/14.1 ± 4 %`."""
    value = ratio.value
    if value < _FRACTIONS_BELOW:
        shown = f"1/{significant(1 / value)}"
    else:
        shown = significant(value) if value >= 1 else f"{value:.2f}"
    return f"{shown} ± {max(1, round(ratio.margin * 100))} %"
