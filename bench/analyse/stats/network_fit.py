"""What the processes of one network say of its cells' step times, all of them together.

A process's logarithm of its step time is the sum of what its cell, its group (a moment of the machine) and luck of its
own give it, and of its windows' noise. The luck's variance is estimated over all cells of a network together, and a
speed-up is a contrast of the weighted least-squares fit.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from bench.analyse.stats.process_times import ProcessTime, process_times
from bench.analyse.stats.ratio import Ratio, interval
from bench.analyse.stats.spread import Spread
from bench.results.query import Identity
from bench.results.record import Record

__all__ = ["FEWEST_OWN", "Contrast", "NetworkFit", "Variances", "process_variances", "variances_of"]

FEWEST_OWN = 3
"""Processes of a cell below which its own variance says nothing."""

_NORMAL = 1.959964
_LEAST = 1e-10
_UNMEASURED_FREEDOM = 4.0
_MOST_FREEDOM = 20.0
"""What a self-test found long ago doesn't outweigh what a run shows."""
_OWN_LEVEL = 0.01


@dataclass(frozen=True)
class Variances:
    """Of the logarithm of a step time: of one second of `window`s, and `between` processes beyond that, the latter with
    so many degrees of `freedom`."""

    window: float
    between: float
    freedom: float

    def best_seconds(self, start: float) -> float:
        """Windows of a process that make the most of the time where starting one takes `start` seconds (Kalibera &
        Jones, ISMM 2013); infinite where processes don't differ."""
        return math.sqrt(start * self.window / self.between) if self.between > 0 else math.inf


def process_variances(records: Sequence[Record], spread: Spread) -> Variances:
    """Those of the cells of one network."""
    return variances_of(process_times(records), spread)


def variances_of(times: Sequence[ProcessTime], spread: Spread) -> Variances:
    """The same; the variance between processes is drawn to that of the host's `spread`, as its freedom allows."""
    prior = (spread.share if spread.in_turns is None else spread.in_turns) ** 2
    weight = _UNMEASURED_FREEDOM if not spread.measured else min(spread.freedom, _MOST_FREEDOM)
    if not times:
        return Variances(0.0, prior, weight)
    window = float(np.mean([one.variance * one.seconds for one in times]))
    noise = float(np.mean([one.variance for one in times]))
    design = _design(times)
    freedom = len(times) - int(np.linalg.matrix_rank(design))
    if freedom < 1:
        return Variances(window, prior, weight)
    rest = _residuals(design, times)
    total = (weight * (prior + noise) + float(rest @ rest)) / (weight + freedom)
    return Variances(window, max(0.0, total - noise), weight + freedom)


@dataclass(frozen=True)
class Contrast:
    """The logarithm of a speed-up with its standard `error`, known with so many degrees of `freedom`, from so many
    `processes` of the one of its two cells that has fewer."""

    log: float
    error: float
    freedom: float
    processes: int = 1

    @classmethod
    def of(cls, ratio: Ratio) -> Contrast:
        """That of processes measured one after the other."""
        return cls(math.log(ratio.value), math.log(ratio.high / ratio.low) / 2 / _NORMAL, math.inf)

    @property
    def ratio(self) -> Ratio:
        """With the 95 % interval of this speed-up alone."""
        return interval(math.exp(self.log), self.half(0.05))

    def half(self, level: float) -> float:
        """Half the width of its interval, which doesn't hold the truth in `level` (0..1) of all cases."""
        if math.isinf(self.freedom):
            return float(-special.ndtri(level / 2)) * self.error
        return float(special.stdtrit(self.freedom, 1 - level / 2)) * self.error


class NetworkFit:
    """The weighted fit of those of the `times` that are of groups in which the `baseline` took turns; `cells` are all
    but the baseline."""

    def __init__(self, times: Sequence[ProcessTime], baseline: Identity, spread: Spread) -> None:
        near = {time.group for time in times if time.cell == baseline}
        self._times = [time for time in times if time.group in near]
        self.cells = list(dict.fromkeys(time.cell for time in self._times if time.cell != baseline))
        self._baseline = baseline
        if not self.cells:
            return
        design = _design(self._times, baseline)
        self._apart = apart = _varying_more(self._times, _residuals(design, self._times))
        self._variances = variances_of([time for time in self._times if time.cell not in apart], spread)
        weights = np.array(
            [
                1 / (max(self._variances.between, apart.get(time.cell, 0.0)) + time.variance + _LEAST)
                for time in self._times
            ]
        )
        self._covariance = np.linalg.pinv(design.T @ (weights[:, None] * design))
        self._beta = self._covariance @ (design.T @ (weights * _logs(self._times)))

    def holds(self, *cells: Identity) -> bool:
        """Are these among its cells, its baseline counted?"""
        return bool(self.cells) and all(cell == self._baseline or cell in self.cells for cell in cells)

    def contrast(self, cell: Identity, other: Identity) -> Contrast:
        """The speed-up of `cell` over `other`; it `holds` both."""
        sides = np.zeros(len(self._beta))
        for one, sign in ((cell, -1), (other, 1)):
            if one != self._baseline:
                sides[self.cells.index(one)] = sign  # columns of the design are in their order
        error = math.sqrt(max(0.0, float(sides @ self._covariance @ sides)))
        counts = Counter(time.cell for time in self._times)
        own = [float(counts[one] - 1) for one in (cell, other) if one in self._apart]
        fewest = counts[cell] if other == self._baseline else min(counts[cell], counts[other])
        return Contrast(float(sides @ self._beta), error, min(own, default=self._variances.freedom), fewest)


def _logs(times: Sequence[ProcessTime]) -> np.ndarray:
    return np.array([time.log for time in times])


def _residuals(design: np.ndarray, times: Sequence[ProcessTime]) -> np.ndarray:
    """What the unweighted fit leaves of the times."""
    logs = _logs(times)
    rest: np.ndarray = logs - design @ np.linalg.lstsq(design, logs, rcond=None)[0]
    return rest


def _varying_more(times: Sequence[ProcessTime], rest: np.ndarray) -> dict[Identity, float]:
    """The cells that surely vary more than the others, with the variance that is their own; `rest` is what a fit leaves
    of the times."""
    counts, squares = Counter(time.cell for time in times), dict.fromkeys((time.cell for time in times), 0.0)
    for time, one in zip(times, rest, strict=True):
        squares[time.cell] += float(one) ** 2
    found = {}
    for cell, count in counts.items():
        others = sum(counts.values()) - count - (len(counts) - 1)
        if count < FEWEST_OWN or others < FEWEST_OWN:
            continue
        theirs = (sum(squares.values()) - squares[cell]) / others
        if squares[cell] / (count - 1) > (theirs + _LEAST) * special.fdtri(count - 1, others, 1 - _OWN_LEVEL):
            found[cell] = squares[cell] / (count - 1)
    return found


def _design(times: Sequence[ProcessTime], baseline: Identity | None = None) -> np.ndarray:
    """A column for each cell but the baseline, and one for each group."""
    cells = [cell for cell in dict.fromkeys(time.cell for time in times) if cell != baseline]
    groups = list(dict.fromkeys(time.group for time in times))
    design = np.zeros((len(times), len(cells) + len(groups)))
    for row, time in enumerate(times):
        if time.cell != baseline:
            design[row, cells.index(time.cell)] = 1
        design[row, len(cells) + groups.index(time.group)] = 1
    return design
