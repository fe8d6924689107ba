"""Steps that grew slower or faster while they were measured."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from bench.analyse.findings.declaration import FindingKind, analyser
from bench.results.record import Finding, Record
from bench.results.window_stats import step_times

__all__ = ["drifting"]

_FEWEST = 9
_LEAST = 0.02

DRIFTING = FindingKind(
    "drifting",
    "warning",
    "the last third of the windows differs from the first by more than 2 % and more than chance",
)


@analyser(DRIFTING)
def drifting(record: Record) -> tuple[Finding, ...]:
    """`drifting`: the means of the first and the last third of the windows are more than 2 % apart, and further than
    chance puts them in 1 of 100 cases.

    Windows that resemble their neighbours wander without going anywhere. So the noise is taken from what a straight
    line leaves of the windows, and counts for as many independent ones as its lag-1 autocorrelation r leaves, as in
    `bench.instruments.stats.estimate`; r itself is corrected for what few windows bias it by, (1 + 3r)/n (Marriott &
    Pope, *Biometrika* 41, 1954).
    """
    if len(record.windows) < _FEWEST:
        return ()
    times = np.array(step_times(record.windows))
    third = len(times) // 3
    first, last = float(times[:third].sum()) / third, float(times[-third:].sum()) / third
    if abs(last / first - 1) <= _LEAST or abs(last - first) <= _chance(times) * math.sqrt(2 / third):
        return ()
    way = "slower" if last > first else "faster"
    return (DRIFTING.found(f"its steps grew {way} while they were measured"),)


def _chance(times: np.ndarray) -> float:
    """What a window differs by from the straight line through all: the 99 % bound, for their mean to be scaled by."""
    n = len(times)
    place = np.arange(n) - (n - 1) / 2
    rest = times - times.mean() - (place @ times) / (place @ place) * place
    power = float(rest @ rest)
    if power == 0:
        return 0.0
    r = max(0.0, float(rest[1:] @ rest[:-1]) / power)
    r = min(0.95, r + (1 + 3 * r) / n)
    shrink = (1 - r) / (1 + r)
    return float(special.stdtrit(max(2.0, (n - 2) * shrink), 0.995)) * math.sqrt(power / (n - 2) / shrink)
