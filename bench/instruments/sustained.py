"""The highest rate that windows show: what a machine can do, when other work on it can only take away."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Sustained", "sustained"]

_FASTEST = 1 / 8
_BLOCK = 3
_RESAMPLES = 2_000
_LEAST = 2
_WIDER = 2.0
"""√2 since a repetition has noise of its own, and √2 since resamples of an extreme differ by less than repetitions."""


@dataclass(frozen=True)
class Sustained:
    """Work a second in the fastest eighth of `windows` windows, and `low`..`high`, where a repetition's will lie."""

    rate: float
    low: float
    high: float
    windows: int


def sustained(windows: Sequence[tuple[float, float]]) -> Sustained | None:
    """The rate of the fastest eighth of the `(work, seconds)` windows, two at least: their work over their seconds.

    None below two windows, where no interval can be given. What disturbs a machine makes windows slower and none
    faster, so that the mean of all says as much about the neighbours as about the machine; the fastest single one could
    be a reading gone wrong. In simulations in which others take up to 30 % of the machine in spells, two runs that
    follow each other differ by about half as much in this as in mean or median, and hardly more than in the maximum;
    where the machine is quiet, by a tenth of a percent.

    Its interval is to hold what a repetition gives, in 95 % of them. It is the bootstrap's 95 %, of percentiles, over
    blocks of three windows that follow each other (fewer where there are not nine), since these are alike (Efron &
    Tibshirani 1993, *An Introduction to the Bootstrap*, chapter 13; circular blocks: Politis & Romano 1992). A resample
    can't hold a faster window than the fastest, so the longer side of it stands on both, twice as long (see `_WIDER`).
    Of simulated repetitions with 8 to 24 windows it holds 92 to 98 % where noise is normal, on one side, or in short
    spells; 89 to 93 % where neighbouring windows correlate by 0.3, and only 81 to 87 % by 0.6. It can't know of spells
    that outlast the measurement. The same windows always give the same interval.
    """
    n = len(windows)
    if n < _LEAST:
        return None
    work, seconds = np.array([float(one[0]) for one in windows]), np.array([one[1] for one in windows])
    rate = float(_of_fastest(work[None], seconds[None])[0])
    block = max(1, min(_BLOCK, n // _BLOCK))
    starts = np.random.default_rng(0).integers(0, n, (_RESAMPLES, math.ceil(n / block)))
    drawn = ((starts[..., None] + np.arange(block)) % n).reshape(_RESAMPLES, -1)[:, :n]
    low, high = np.quantile(_of_fastest(work[drawn], seconds[drawn]), [0.025, 0.975])
    half = _WIDER * max(rate - float(low), float(high) - rate)
    return Sustained(rate, max(rate - half, float(np.min(work / seconds))), rate + half, n)


def _of_fastest(work: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """By row, the rate of the fastest."""
    count = max(_LEAST, math.ceil(_FASTEST * work.shape[1]))
    fastest = np.argsort(seconds / work, axis=1)[:, :count]
    total: np.ndarray = np.take_along_axis(work, fastest, 1).sum(1) / np.take_along_axis(seconds, fastest, 1).sum(1)
    return total
