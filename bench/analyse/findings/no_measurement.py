"""Windows that no clock gives."""

from __future__ import annotations

from bench.results.record import Finding, Record
from bench.results.windows import impossible

__all__ = ["no_measurement"]


def no_measurement(record: Record) -> tuple[Finding, ...]:
    """`no-measurement`: a window has no steps, or took no time, or longer than any could: the file was edited."""
    what = impossible(record.windows)
    return (Finding(code="no-measurement", message=f"it has {what}: its times are no measurement"),) if what else ()
