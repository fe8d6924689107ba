"""The noise floor: how far equal cells lie apart, and the smallest difference that this leaves visible."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
from scipy import special

from bench.analyse.stats.spread import Spread, spread_of
from bench.host.profile import HostProfile
from bench.instruments.log_ratio import log_ratio
from bench.instruments.stats import estimate
from bench.results.pair import Round

__all__ = ["between_processes", "smallest_apart", "smallest_in_turns"]


def between_processes(rounds: Sequence[Round]) -> tuple[float, float]:
    """Standard deviations of a process's step time, as shares of it, from rounds of a cell against itself.

    The first is between processes that took turns: that of the rounds' log ratios, over √2 as each holds two. The
    second is between processes at different times, drift and all: that of the logarithms of every process's step
    time, from which what its own windows explain is taken off. At least two rounds.
    """
    ratios = [log_ratio(one.a, one.b)[0] for one in rounds]
    in_turns = math.sqrt(float(np.mean(np.square(ratios))) / 2)
    found = [estimate(side) for side in itertools.chain.from_iterable((one.a, one.b) for one in rounds)]
    processes = [one for one in found if one is not None]
    total = float(np.var([math.log(one.step_seconds) for one in processes], ddof=1))
    # half a 95 % interval is Student's t times the standard error
    explained = float(
        np.mean([(one.margin / float(special.stdtrit(one.windows - 1, 0.975))) ** 2 for one in processes])
    )
    return in_turns, max(in_turns, math.sqrt(max(0.0, total - explained)))


def smallest_apart(profile: HostProfile, precision: float) -> float:
    """The smallest relative difference that two cells of one run can show, each known to `precision` by its windows."""
    return math.expm1(math.hypot(precision, precision, spread_of(profile).half_width()))


def smallest_in_turns(profile: HostProfile, rounds: int) -> float | None:
    """The smallest relative difference that two cells measured interleaved can show in so many rounds."""
    if profile.noise is None:
        return None
    spread = Spread(profile.noise.in_turns, rounds - 1)
    return math.expm1(spread.half_width(rounds, rounds))
