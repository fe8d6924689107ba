"""Windows that fall into two groups."""

from __future__ import annotations

import statistics

from bench.results.record import Finding, Record

__all__ = ["two_speeds"]

_FEWEST = 12
_SHARE = 0.2
_APART = 0.05


def two_speeds(record: Record) -> tuple[Finding, ...]:
    """`two-speeds`: the windows form two groups further apart than either is wide, so no step takes the mean time.

    Each group holds at least a fifth of the windows, and they lie more than 5 % apart.
    """
    times = sorted(window.step_seconds for window in record.windows)
    if len(times) < _FEWEST:
        return ()
    least = max(2, round(len(times) * _SHARE))
    cut = max(range(least, len(times) - least + 1), key=lambda i: times[i] - times[i - 1])
    slow, fast = times[cut:], times[:cut]
    gap = slow[0] - fast[-1]
    if gap <= _APART * statistics.fmean(times) or gap <= max(slow[-1] - slow[0], fast[-1] - fast[0]):
        return ()
    return (Finding(code="two-speeds", message="its windows ran at two speeds: their mean is neither"),)
