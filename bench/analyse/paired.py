"""Two cells measured in turns: is one faster?"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy import special

from bench.analyse.compare import Ratio, Refusal
from bench.results.pair import Pair, Round

__all__ = ["FEWEST_ROUNDS", "paired", "ratio_of_rounds", "round_log_ratios"]

FEWEST_ROUNDS = 3
"""Below it an interval over rounds says nothing."""


def paired(pair: Pair) -> Ratio | Refusal:
    """How many times as fast as `a` the steps of `b` are; see `ratio_of_rounds`."""
    if len(pair.rounds) < FEWEST_ROUNDS:
        why = f"{len(pair.rounds)} rounds, and fewer than {FEWEST_ROUNDS} give no interval"
        return Refusal((f"{pair.failure.message}; {why}" if pair.failure else why,))
    return ratio_of_rounds(pair.rounds)


def ratio_of_rounds(rounds: Sequence[Round]) -> Ratio:
    """Seconds a step of `a` over those of `b`, with Student's t over the rounds for a 95 % interval.

    The round is the unit, and not the window: its two processes got memory, cores and moments of their own, which all
    of their windows share, so that more windows don't lessen what a pair of processes differs by. Drift hits both
    sides of a round alike and cancels. On the logarithm, where a ratio and its inverse are judged the same.
    """
    logs = np.array(round_log_ratios(rounds))
    mean, error = float(logs.mean()), float(logs.std(ddof=1)) / math.sqrt(len(logs))
    half = float(special.stdtrit(len(logs) - 1, 0.975)) * error
    return Ratio(math.exp(mean), math.exp(mean - half), math.exp(mean + half))


def round_log_ratios(rounds: Sequence[Round]) -> list[float]:
    """The logarithm of each round's seconds a step of `a` over those of `b`: total seconds over total steps a side."""
    return [math.log(_step_seconds(one.a) / _step_seconds(one.b)) for one in rounds]


def _step_seconds(windows: Sequence[tuple[int, float]]) -> float:
    return sum(seconds for _, seconds in windows) / sum(steps for steps, _ in windows)
