"""Is a cell slower than this host's stored records of it? The verdict behind the pytest plugin."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from scipy import special

from bench.analyse.comparable import unfit
from bench.analyse.conditions import OWN_CODE
from bench.analyse.stats.processes import runs_of
from bench.analyse.stats.ratio import interval
from bench.analyse.stats.spread import Spread
from bench.instruments.stats import Estimate, estimate_of
from bench.results.query import identity, runs, when
from bench.results.record import Record
from bench.support.flat import flat

__all__ = ["ALLOWED", "FEWEST_TO_JUDGE_BY", "NEWEST", "Regression", "history", "regression"]

NEWEST = 10
"""Stored records of a cell that a new measurement is set against, at most."""
FEWEST_TO_JUDGE_BY = 5
"""Stored records whose own differences say what the host's noise is, where no self-test has."""
SETTLED = 0.5
"""Standard errors below which a slow-down isn't worth another measurement. Were it 1, true slow-downs of 5 % would pass
two to three times as often."""

DISTURBED = 5.0
"""Standard deviations of a process that the processes of one side hardly ever span: of ten, one time in 67."""

ALLOWED = 0.1
"""The standard deviation of a process, as a share, that is allowed for where nothing says what the host's noise is:
several times that of any machine the harness was tried on, so that what exceeds it is no noise there either."""

_SIGNIFICANCE = 0.05
_FINEST = 1e-6  # no noise at all, as in made-up records, still leaves the rounding of sums
_MEDIAN = (1.0, 0.5, 0.4487, 0.2982, 0.2868, 0.2147, 0.2104, 0.1682, 0.1661, 0.1383)
"""Variances of the medians of 1, 2 … 10 standard normal values, to ±0.001 those of 400,000 samples each."""


@dataclass(frozen=True)
class Regression:
    """How many times as long a step takes as before: `slowdown`, with the 95 % interval `low`..`high`.

    `threshold` is the smallest slow-down, as a share, that would have failed, and `source` says where it comes from;
    `why` is the verdict in a phrase. `before` and `now` are numbers of processes, `*_step_seconds` their centres.
    Unless `settled`, another measurement is worth its time. Figures are None where there was nothing to compare with.
    """

    verdict: Literal["pass", "fail", "ambiguous"]
    why: str
    before: int
    now: int
    slowdown: float | None = None
    low: float | None = None
    high: float | None = None
    threshold: float | None = None
    source: str = ""
    before_step_seconds: float | None = None
    now_step_seconds: float | None = None
    settled: bool = True


def history(record: Record, stored: Iterable[Record]) -> tuple[Record, ...]:
    """The newest stored records that `record` may be judged by, one a run, at most `NEWEST`, the newest last.

    Of the same host, cell and workload, good, measured in a way that counts, and not `record` itself. The user's own
    code that makes the network or maps the batches may be another: whether its change made it slower is the question.
    """
    workload = _apart_from_own_code(record)
    alike = [
        one
        for one in runs(stored)
        if one.counts
        and identity(one) == identity(record)
        and (one.fingerprint == record.fingerprint or _apart_from_own_code(one) == workload)
        and one != record
        and not unfit(one)
        and estimate_of(one.timed) is not None
    ]
    return tuple(sorted(alike, key=when)[-NEWEST:])


def _apart_from_own_code(record: Record) -> dict[str, Any]:
    named = flat(record.workload.plain)
    return {name: value for name, value in named.items() if name not in OWN_CODE}


def regression(now: Sequence[Record], before: Sequence[Record], spread: Spread) -> Regression:
    """Judge the measurements `now` of a cell, one or more processes of it, by those `before`.

    The process is the unit and not the window: what a process differs by from the next, all of its windows share. The
    logarithm of a process's step time varies by the host's spread and by the noise of its windows. Compared are the
    means of both sides; or a side's median, where its processes lie further apart than noise explains (`DISTURBED`), so
    that one disturbed process among three, or one disturbed record, moves nothing.

    - `fail`: the whole 95 % interval of the slow-down lies above 1;
    - `pass`: the estimate lies within one standard error of 1, or below: what noise alone gives five times in six;
    - `ambiguous`: in between.

    Where the noise is not known for this host, as no self-test has measured it and the stored records are fewer than
    `FEWEST_TO_JUDGE_BY`, the interval is that of a process which varies by `ALLOWED`, or by what those records differ
    by where that is more. The standard error remains the one that hosts usually have, so that `ambiguous` is wide.

    Measurements that something from outside held up count only where there is no other, and fail nothing then.

    Where stored records differ among themselves significantly more than the spread and their windows explain (F-test,
    5 %), as they do if the host has another load from day to day, theirs is the noise: Student's t on their number.
    """
    (ours, disturbed), (theirs, _) = _usable(now), _usable(before)
    if not ours:
        return Regression("ambiguous", "fewer than two windows: nothing can be said", len(theirs), 0)
    if not theirs:
        return Regression("pass", "no stored record to compare with", 0, len(ours))
    after, earlier = _centre(ours, spread), _centre(theirs, spread)
    difference = after.log - earlier.log
    half, error, source, known = _noise(after, earlier, theirs, spread)
    half, error = max(half, _FINEST), max(error, _FINEST)
    slowdown = math.exp(difference)
    span = interval(slowdown, half)
    verdict: Literal["pass", "fail", "ambiguous"]
    if difference > half and disturbed:
        verdict, why = "ambiguous", "it looks slower, but something else held it up each time"
    elif difference > half:
        verdict, why = "fail", "slower"
    elif difference > error:
        between = "between what noise often gives and what it hardly ever does"
        verdict, why = "ambiguous", between if known else f"it looks slower, but {source}"
    else:
        verdict, why = "pass", "faster" if difference < -half else "not distinguishable"
    return Regression(
        verdict,
        why,
        len(theirs),
        len(ours),
        slowdown,
        span.low,
        span.high,
        span.high / slowdown - 1,
        source,
        math.exp(earlier.log),
        math.exp(after.log),
        difference <= SETTLED * error,
    )


@dataclass(frozen=True)
class _Centre:
    """The logarithm of a side's step time, with the `share` of one process's variance that it still has, and a typical
    half of the 95 % interval that windows alone give a process."""

    log: float
    share: float
    margin: float


def _centre(side: Sequence[Estimate], spread: Spread) -> _Centre:
    logs = [math.log(one.step_seconds) for one in side]
    margin = math.sqrt(statistics.fmean(one.margin**2 for one in side))
    n = len(side)
    if n > 2 and max(logs) - min(logs) > DISTURBED * math.hypot(spread.share, margin / 1.96):
        return _Centre(statistics.median(logs), _MEDIAN[n - 1] if n <= len(_MEDIAN) else math.pi / 2 / n, margin)
    return _Centre(statistics.fmean(logs), 1 / n, margin)


def _noise(
    after: _Centre, before: _Centre, stored: Sequence[Estimate], spread: Spread
) -> tuple[float, float, str, bool]:
    """Half of the 95 % interval of the difference, its standard error, where they come from, and is that this host?"""
    n = len(stored)
    own = statistics.stdev(math.log(one.step_seconds) for one in stored) if n > 1 else 0.0
    explained = math.hypot(spread.share, before.margin / 1.96)
    if (spread.measured and own <= explained * _limit(n - 1, spread.freedom)) or n < FEWEST_TO_JUDGE_BY:
        allowed, source = spread, f"the self-test's spread between processes, {spread.share * 100:.2f} %"
        if not spread.measured:
            allowed = Spread(max(ALLOWED, own))
            share = f"{allowed.share * 100:.0f} % a process is allowed for"
            source = f"this host's noise isn't known and {share}: run `bench selftest`"
        windows = math.hypot(after.margin * math.sqrt(after.share), before.margin * math.sqrt(before.share))
        half = math.hypot(allowed.half_width(1 / before.share, 1 / after.share), windows)
        error = math.hypot(spread.share * math.sqrt(before.share + after.share), windows / 1.96)
        return half, error, source, spread.measured
    error = own * math.sqrt(before.share + after.share)
    half = float(special.stdtrit(n - 1, 1 - _SIGNIFICANCE / 2)) * error
    return half, error, f"the spread of the {n} stored records, {own * 100:.2f} %", True


def _limit(freedom: int, of_spread: float) -> float:
    """How many times the expected standard deviation chance alone exceeds in one of 20 samples."""
    if freedom < 1:
        return math.inf
    return math.sqrt(float(special.fdtri(freedom, min(of_spread, 1e6), 1 - _SIGNIFICANCE)))


def _usable(records: Iterable[Record]) -> tuple[list[Estimate], bool]:
    """An estimate of each record that gives one, and was each disturbed, so that they are of those too?"""
    runs, disturbed = runs_of(record for record in records if not unfit(record))
    return [figure for figure, _ in runs], disturbed
