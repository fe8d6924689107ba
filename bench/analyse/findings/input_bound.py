"""A step that waits for its input."""

from __future__ import annotations

from bench.analyse.bottleneck.breakdown import Attributed, attribute
from bench.analyse.findings.declaration import FindingKind, analyser
from bench.analyse.stats.spread import Spread
from bench.results.record import Finding, Record

__all__ = ["input_bound"]

INPUT_BOUND = FindingKind("input-bound", "hint", "the input pipeline, and not the computation, sets the step time")


@analyser(INPUT_BOUND, needs_spread=True)
def input_bound(record: Record, spread: Spread) -> tuple[Finding, ...]:
    """`input-bound`: its loops say that the input, and not the computation, sets the step's time, on a host with this
    spread. Silent where the cell wasn't attributed."""
    if record.attribution is None:
        return ()
    found = attribute(record, spread)
    if not isinstance(found, Attributed) or found.verdict != "input-bound":
        return ()
    message = "input-bound: its input, and not the computation, sets its time; see the bottleneck of its step"
    return (INPUT_BOUND.found(message),)
