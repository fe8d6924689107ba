"""Windows that no clock gives."""

from __future__ import annotations

from bench.analyse.findings.declaration import FindingKind, analyser
from bench.results.record import Finding, Record
from bench.results.window_stats import impossible

__all__ = ["no_measurement"]

NO_MEASUREMENT = FindingKind("no-measurement", "error", "a window has no steps, took no time, or longer than any could")


@analyser(NO_MEASUREMENT)
def no_measurement(record: Record) -> tuple[Finding, ...]:
    """`no-measurement`: a window has no steps, or took no time, or longer than any could: the file was edited."""
    what = impossible(record.windows)
    return (NO_MEASUREMENT.found(f"it has {what}: its times are no measurement"),) if what else ()
