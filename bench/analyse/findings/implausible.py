"""A step that takes less time than its card can need."""

from __future__ import annotations

from bench.analyse.plausibility import beyond_datasheet
from bench.results.record import Finding, Record

__all__ = ["implausible"]


def implausible(record: Record) -> tuple[Finding, ...]:
    """`implausible`: the step's arithmetic in its time would be a rate well above the datasheet of its card."""
    beyond = beyond_datasheet(record)
    return (Finding(code="implausible", message=beyond),) if beyond else ()
