"""Windows that differ much among themselves."""

from __future__ import annotations

import math

import numpy as np

from bench.analyse.findings.declaration import FindingKind, analyser
from bench.results.record import Finding, Record
from bench.results.window_stats import step_times

__all__ = ["noisy"]

_SPREAD = 0.10

NOISY = FindingKind("noisy", "warning", "the windows vary by more than 10 % (coefficient of variation)")


@analyser(NOISY)
def noisy(record: Record) -> tuple[Finding, ...]:
    """`noisy`: the windows' step times have a coefficient of variation above 10 %."""
    if len(record.windows) < 3:
        return ()
    times = np.array(step_times(record.windows))
    mean = float(times.sum()) / len(times)
    apart = times - mean
    if math.sqrt(float(apart @ apart) / (len(times) - 1)) <= _SPREAD * mean:
        return ()
    message = f"its windows vary by more than {_SPREAD * 100:.0f} %: something else may have run beside it"
    return (NOISY.found(message),)
