"""Windows that fall into two groups."""

from __future__ import annotations

import statistics
from itertools import accumulate

from scipy import special

from bench.analyse.findings.declaration import FindingKind, analyser
from bench.results.record import Finding, Record
from bench.results.window_stats import step_times

__all__ = ["two_speeds"]

_FEWEST = 17
_SHARE = 0.2
_APART = 0.05
_DOUBT = 0.01

TWO_SPEEDS = FindingKind("two-speeds", "warning", "the windows ran at two speeds: their mean is neither")


@analyser(TWO_SPEEDS)
def two_speeds(record: Record) -> tuple[Finding, ...]:
    """`two-speeds`: the windows form two groups with next to nothing between them, so no step takes the mean time.

    They are cut where the variance between the two parts is greatest (Otsu, *IEEE Trans. Syst. Man Cybern.* 9, 1979).
    The parts' medians must lie more than 5 % apart, a fifth of the windows beyond each end of the middle half of the
    way between them, and in that middle half fewer than one group would put there: of windows spread evenly, as of a
    normal distribution, it holds a quarter, and so few by chance in less than 1 of 100 cases. In simulations it took
    2 % or fewer of noisy, skewed, autocorrelated or outlier-ridden windows of one speed for two.
    """
    times = sorted(step_times(record.windows))
    if len(times) < _FEWEST:
        return ()
    least, apart = round(len(times) * _SHARE), _APART * statistics.fmean(times)
    if times[-least] - times[least - 1] <= apart:  # quickly done with most records
        return ()
    cut = _cut(times, least)
    fast, slow = statistics.median(times[:cut]), statistics.median(times[cut:])
    quarter = (slow - fast) / 4
    left = sum(time < fast + quarter for time in times)
    right = sum(time > slow - quarter for time in times)
    between = len(times) - left - right
    if slow - fast <= apart or min(left, right) < least or special.bdtr(between, len(times), 0.25) > _DOUBT:
        return ()
    return (TWO_SPEEDS.found("its windows ran at two speeds: their mean is neither"),)


def _cut(times: list[float], least: int) -> int:
    """How many of the sorted times belong to the faster part, where each part holds at least so many."""
    n, sums = len(times), [0.0, *accumulate(times)]
    return max(
        range(least, n - least + 1),
        key=lambda i: i * (n - i) * (sums[i] / i - (sums[n] - sums[i]) / (n - i)) ** 2,
    )
