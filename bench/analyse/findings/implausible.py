"""A step that takes less time than its card can need."""

from __future__ import annotations

from bench.analyse.findings.declaration import FindingKind, analyser
from bench.analyse.plausibility import beyond_datasheet
from bench.results.record import Finding, Record

__all__ = ["implausible"]

IMPLAUSIBLE = FindingKind(
    "implausible", "error", "the step's arithmetic in its time is a rate well above the card's datasheet"
)


@analyser(IMPLAUSIBLE)
def implausible(record: Record) -> tuple[Finding, ...]:
    """`implausible`: the step's arithmetic in its time would be a rate well above the datasheet of its card."""
    beyond = beyond_datasheet(record)
    return (IMPLAUSIBLE.found(beyond),) if beyond else ()
