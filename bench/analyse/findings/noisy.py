"""Windows that differ much among themselves."""

from __future__ import annotations

import statistics

from bench.results.record import Finding, Record

__all__ = ["noisy"]

_SPREAD = 0.10


def noisy(record: Record) -> tuple[Finding, ...]:
    """`noisy`: the windows' step times have a coefficient of variation above 10 %."""
    if len(record.windows) < 3:
        return ()
    times = [window.step_seconds for window in record.windows]
    spread = statistics.stdev(times) / statistics.fmean(times)
    if spread <= _SPREAD:
        return ()
    message = f"its windows vary by more than {_SPREAD * 100:.0f} %: something else may have run beside it"
    return (Finding(code="noisy", message=message),)
