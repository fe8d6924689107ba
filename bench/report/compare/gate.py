"""Why a gate doesn't let a comparison through."""

from __future__ import annotations

from collections.abc import Iterator

from bench.analyse.compare.comparison import Comparison
from bench.analyse.stats.ratio import Ratio
from bench.report.compare.notes import labels, summary

__all__ = ["tripped"]


def tripped(comparison: Comparison) -> tuple[str, ...]:
    """A line for each reason; none where every good cell of the first side got an answer, and none is slower.

    Cells that only the second side has, or that weren't good on the first either, don't count.
    """
    return tuple(f"the gate tripped: {reason}" for reason in _reasons(comparison))


def _reasons(comparison: Comparison) -> Iterator[str]:
    label = labels(comparison.joined)
    if comparison.worse:
        yield f"slower, or ended badly: {', '.join(label(one.after) for one in comparison.worse)}"
    why: dict[str, list[str]] = {}
    for record, reason in comparison.unjudged:
        why.setdefault(reason, []).append(label(record))
    if why:
        cells = "; ".join(f"{', '.join(names)} ({reason})" for reason, names in why.items())
        yield f"good on {comparison.joined.before.name}, and without an answer: {cells}"
    if not any(isinstance(one.ratio, Ratio) for one in comparison.cells):
        yield f"no cell could be compared: {summary(comparison)}"
