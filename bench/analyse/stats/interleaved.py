"""Two cells measured interleaved: is one faster?"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy import special

from bench.analyse.stats.ratio import Ratio, Refusal, interval
from bench.instruments.log_ratio import log_ratio
from bench.instruments.rounds import FEWEST_ROUNDS
from bench.results.pair import Pair, Round
from bench.results.window_stats import impossible

__all__ = ["paired", "ratio_of_logs", "ratio_of_rounds"]

_QUANTILE = 0.9825
"""Of Student's t for a 95 % interval, in place of 0.975: rounds end once the interval is narrow enough, which favours
those that happen to agree. In simulations of equal cells 3.5 to 4.9 of 100 intervals then don't hold 1, whatever rounds
differ by from 0.5 to 4 %, and 5 to 6.6 without it."""


def paired(pair: Pair) -> Ratio | Refusal:
    """How many times as fast as `a` the cell `b` takes images: with one batch size, the ratio of their steps.

    See `ratio_of_rounds`.
    """
    reasons = [pair.failure.message] if pair.failure else []
    if len(pair.rounds) < FEWEST_ROUNDS:
        reasons.append(f"{len(pair.rounds)} rounds were measured, and fewer than {FEWEST_ROUNDS} give no interval")
    if reasons:
        return Refusal(tuple(reasons))
    sides = [windows for one in pair.rounds for windows in (one.a, one.b)]
    what = next((why for side in sides if (why := impossible(side))), None if all(sides) else "a round of no windows")
    if what:
        return Refusal((f"it has {what}",))
    return ratio_of_rounds(pair.rounds).times(pair.b.batch_size / pair.a.batch_size).within(pair.same_within)


def ratio_of_rounds(rounds: Sequence[Round]) -> Ratio:
    """Seconds a step of `a` over those of `b`, with Student's t over the rounds for a 95 % interval.

    The round is the unit, and not the window: its two processes got memory, cores and moments of their own, which all
    of their windows share, so that more windows don't lessen what a pair of processes differs by. Drift hits both
    sides of a round alike and cancels. On the logarithm, where a ratio and its inverse are judged the same.
    """
    return ratio_of_logs([log_ratio(one.a, one.b)[0] for one in rounds])


def ratio_of_logs(logs: Sequence[float]) -> Ratio:
    """The ratio whose logarithms these are, one a round, at least two."""
    values = np.array(logs)
    mean, error = float(values.mean()), float(values.std(ddof=1)) / math.sqrt(len(values))
    half = float(special.stdtrit(len(values) - 1, _QUANTILE)) * error
    return interval(math.exp(mean), half)
