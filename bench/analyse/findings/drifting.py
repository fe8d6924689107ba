"""Steps that grew slower or faster while they were measured."""

from __future__ import annotations

from bench.measure.stats import estimate
from bench.results.record import Finding, Record

__all__ = ["drifting"]

_FEWEST = 9
_LEAST = 0.02


def drifting(record: Record) -> tuple[Finding, ...]:
    """`drifting`: first and last third of the windows have intervals apart, and means more than 2 % apart."""
    third = len(record.windows) // 3
    if len(record.windows) < _FEWEST:
        return ()
    first, last = estimate(record.windows[:third]), estimate(record.windows[-third:])
    if first is None or last is None:
        return ()
    change = last.step_seconds / first.step_seconds - 1
    if abs(change) <= _LEAST or (first.low <= last.high and last.low <= first.high):
        return ()
    way = "slower" if change > 0 else "faster"
    return (Finding(code="drifting", message=f"its steps grew {way} while they were measured"),)
