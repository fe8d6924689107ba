"""How each variant stands to its baseline after any number of rounds: faster, slower, the same, or undecided.

A process's logarithm of its step time is the sum of what its cell, its group (a moment of the machine) and luck of its
own give it, and of its windows' noise. The luck's variance is estimated over all cells of a network together, and a
speed-up is a contrast of the weighted least-squares fit.

*Same* is two one-sided tests at 5 % (Schuirmann, *J. Pharmacokinet. Biopharm.* 15, 1987): the 90 % interval lies within
`protocol.same_within` of 1, and may exclude 1. *Faster* and *slower* hold for all variants of a network at once (Šidák,
*JASA* 62, 1967) and at every look, since rounds end once there is an answer: the level of a single look is
constant (Pocock, *Biometrika* 64, 1977), and found by simulating the whole rule: see `tests/simulate/rounds.py`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from bench.analyse.baseline import baselines, by_network
from bench.analyse.compare import Ratio, Refusal, Verdict, interval, speedup
from bench.analyse.process_times import ProcessTime, process_times
from bench.analyse.spread import UNMEASURED, Spread
from bench.results.query import Identity, identity
from bench.results.record import Record

__all__ = [
    "LOOK_LEVEL",
    "Standing",
    "Variances",
    "process_variances",
    "speedups",
    "standings",
    "standings_of",
    "variances_of",
]

LOOK_LEVEL = 0.006
"""Of one look at all variants of a network; over up to twelve looks some variant of twenty that are equal is marked in
about 3 of 100 tables."""

_LEVEL = 0.05
"""Of all variants of a network that were measured one after another, and are looked at once."""

_NORMAL = 1.959964
_LEAST = 1e-10
_NO_BASELINE = Refusal(("its baseline was not measured",))
_UNMEASURED_FREEDOM = 4.0
_MOST_FREEDOM = 20.0
"""What a self-test found long ago doesn't outweigh what a run shows."""
_OWN_LEVEL = 0.01
_FEWEST_OWN = 3
_MOST_NEEDED = 1000


@dataclass(frozen=True)
class Standing:
    """A variant's speed-up, its verdict, and how many more processes of it, and of its baseline, would decide it.

    `verdict` is None where there is no ratio, `needed` where it is decided or no number is of help.
    """

    ratio: Ratio | Refusal
    verdict: Verdict | None
    needed: int | None


@dataclass(frozen=True)
class Variances:
    """Of the logarithm of a step time: of one second of `window`s, and `between` processes beyond that, the latter with
    so many degrees of `freedom`."""

    window: float
    between: float
    freedom: float


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


def standings(records: Sequence[Record], spreads: Mapping[str, Spread]) -> dict[Identity, Standing]:
    """Of each record to the baseline of its own host, suite, model, batch size and seed; a baseline has none.

    The records hold each cell once, as `bench.results.query.latest` gives them; `spreads` are by host, and one that
    isn't among them counts as unmeasured.
    """
    found: dict[Identity, Standing] = {}
    over = baselines(records)
    for key, group in by_network(records).items():
        baseline = over.get(key)
        others = [record for record in group if record is not baseline]
        if baseline is None:
            found |= {identity(one): Standing(_NO_BASELINE, None, None) for one in others}
        else:
            found |= _to(baseline, others, spreads.get(baseline.host, UNMEASURED))
    return found


def speedups(records: Sequence[Record], spreads: Mapping[str, Spread]) -> dict[Identity, Ratio | Refusal]:
    """The same, the speed-ups alone."""
    return {key: one.ratio for key, one in standings(records, spreads).items()}


def _to(baseline: Record, others: Sequence[Record], spread: Spread) -> dict[Identity, Standing]:
    alone = {identity(one): speedup(one, baseline, spread) for one in others}
    fit = {identity(baseline), *(key for key, ratio in alone.items() if isinstance(ratio, Ratio))}
    times = [time for time in process_times([baseline, *others]) if time.cell in fit]
    band = baseline.protocol.same_within
    together = standings_of(times, identity(baseline), spread, band)
    found: dict[Identity, Standing] = {}
    for key, ratio in alone.items():
        if isinstance(ratio, Refusal):
            found[key] = Standing(ratio, None, None)
        else:
            found[key] = together.get(key) or _judged(_Contrast.of(ratio), band, len(fit) - 1, _LEVEL)
    return found


def standings_of(
    times: Sequence[ProcessTime], baseline: Identity, spread: Spread, same_within: float
) -> dict[Identity, Standing]:
    """Of each cell that took turns with the baseline in some of the `times`.

    A group that something from outside disturbed counts where its cell was in no other. Such groups mark nothing until
    there are three of them: what disturbs all of a cell's processes lasts, and is in their variance by then.
    """
    disturbed = {time.group for time in times if time.disturbed}
    clean = _Fit([time for time in times if time.group not in disturbed], baseline, spread)
    every = _Fit(times, baseline, spread) if disturbed else clean
    found = {}
    for key in every.cells:
        contrast = clean.contrast(key) if key in clean.cells else every.contrast(key)
        missing = _FEWEST_OWN - contrast.processes
        if key in clean.cells or missing <= 0:
            found[key] = _judged(contrast, same_within, len(every.cells), LOOK_LEVEL)
        else:
            found[key] = _standing(contrast.ratio, "undecided", missing)
    return found


@dataclass(frozen=True)
class _Contrast:
    """The logarithm of a speed-up with its standard `error`, known with so many degrees of `freedom`, from so many
    processes."""

    log: float
    error: float
    freedom: float
    processes: int = 1

    @classmethod
    def of(cls, ratio: Ratio) -> _Contrast:
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


def _judged(found: _Contrast, band: float, comparisons: int, level: float) -> Standing:
    away, edge = abs(found.log), math.log1p(band)
    each = -math.expm1(math.log1p(-level) / max(1, comparisons))
    if away + found.half(0.10) <= edge:
        return _standing(found.ratio, "same", 0)
    if away > found.half(each):
        return _standing(found.ratio, "faster" if found.log > 0 else "slower", 0)
    # the errors that would decide it, the larger of which is had sooner
    same = (edge - away) * found.error / found.half(0.10)
    mark = away * found.error / found.half(each)
    needed = found.processes * ((found.error / max(same, mark, 1e-9)) ** 2 - 1)
    return _standing(found.ratio, "undecided", max(1, math.ceil(needed)) if needed < _MOST_NEEDED else None)


def _standing(ratio: Ratio, verdict: Verdict, needed: int | None) -> Standing:
    return Standing(replace(ratio, judged=verdict), verdict, needed)


class _Fit:
    """The weighted fit of `times`: `cells` are those whose contrast to the baseline it gives."""

    def __init__(self, times: Sequence[ProcessTime], baseline: Identity, spread: Spread) -> None:
        near = {time.group for time in times if time.cell == baseline}
        self._times = [time for time in times if time.group in near]
        self.cells = list(dict.fromkeys(time.cell for time in self._times if time.cell != baseline))
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

    def contrast(self, cell: Identity) -> _Contrast:
        """The cell's speed-up."""
        place = self.cells.index(cell)  # columns of the design are in their order
        own = sum(time.cell == cell for time in self._times)
        freedom = float(own - 1) if cell in self._apart else self._variances.freedom
        return _Contrast(-float(self._beta[place]), math.sqrt(float(self._covariance[place, place])), freedom, own)


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
        if count < _FEWEST_OWN or others < _FEWEST_OWN:
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
