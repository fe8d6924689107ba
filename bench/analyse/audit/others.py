"""Doubts about a team beside all others on its kind of machine: what none of them comes near."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Final, TypeVar

import numpy as np
from scipy import special

from bench.analyse.audit.declaration import AuditKind, Doubt
from bench.analyse.audit.traces import COSTS, Trace, step_times

__all__ = ["OTHERS", "beside_others"]

FASTER = AuditKind("faster-than-others", "its speed-ups are far above those of all others on its kind of machine")
UNLIKE = AuditKind("unlike-its-variant", "its compile time or memory isn't that of its variant, as others have it")
OTHERS: Final = (FASTER, UNLIKE)

_FEWEST: Final = 8
_CHANCE: Final = 5e-4
"""That an honest team's figure lies so far out, if teams' figures vary as a normal distribution's do."""
_LEAST_SPREAD: Final = 0.03
_LEAST_FASTER: Final = math.log(1.1)
_LEAST_UNLIKE: Final = dict(zip(COSTS, map(math.log, (2.0, 1.1, 1.1)), strict=True))
_WORDS: Final = dict(zip(COSTS, ("compile time", "memory", "GPU memory"), strict=True))
_UNDISTURBED: Final = 4
"""The slowest of this part of the windows, the fastest, is what counts: what a throttling clock or a neighbour costs
the others says nothing of a team."""
_QN: Final = 2.2219
_QN_EFFICIENCY: Final = 0.82
"""Rousseeuw and Croux, Alternatives to the median absolute deviation, JASA 88 (1993), 1273–1283: the first quartile of
all pairs' distances times 2.2219 estimates a normal standard deviation as well as 0.82 times as many values would by
the usual one, and half of the values may be anything."""
_MOST_PAIRED: Final = 500


K = TypeVar("K")
Owner = tuple[str, str | None]
"""A host and a team: whose baseline a record's speed-up is over."""


@dataclass(frozen=True)
class _Figure:
    """An owner's figure in logarithms, and the places of the records that it is of."""

    owner: Owner
    value: float
    places: tuple[int, ...]


@dataclass(frozen=True)
class _Outlier:
    """A figure beside the others': by how much it lies off their middle, and how many they are."""

    figure: _Figure
    off: float
    middle: float
    others: int


def beside_others(traces: Sequence[Trace]) -> Iterator[tuple[int, Doubt]]:
    """What speaks against records beside those of others, by their place among the `traces`.

    A team's host counts once for each work. Only equal work on machines of one kind is compared, and only where eight
    of them have it.
    """
    owners: dict[tuple[Owner, str, tuple[str, str, int]], list[int]] = defaultdict(list)
    for place, trace in enumerate(traces):
        if len(trace.steps) and trace.seconds[: len(trace.steps)].min() > 0:
            owners[(trace.where.host, trace.where.team), trace.machine, trace.network].append(place)
    speedups: dict[tuple[str, str], list[_Figure]] = defaultdict(list)
    costs: dict[tuple[str, str, str], list[_Figure]] = defaultdict(list)
    for (owner, machine, _), places in owners.items():
        for work, figure in _speedups(traces, owner, places):
            speedups[work, machine].append(figure)
        for number, cost in enumerate(COSTS):
            for work, figure in _costs(traces, owner, places, number):
                costs[cost, work, machine].append(figure)
    yield from _faster(speedups)
    for (cost, *_), one in _outliers(costs):
        if abs(one.off) > _LEAST_UNLIKE[cost]:
            ratio, others = math.exp(one.figure.value), math.exp(one.middle)
            evidence = (
                f"its {_WORDS[cost]} is {ratio:.3g} times its baseline's, and {others:.3g} times with {one.others}"
            )
            yield from _told(UNLIKE, one.figure.places, f"{evidence} others on its kind of machine")


def _speedups(traces: Sequence[Trace], owner: Owner, places: Sequence[int]) -> Iterator[tuple[str, _Figure]]:
    times = {place: math.log(_undisturbed(step_times(traces[place]))) for place in places}
    return _beside_baseline(traces, owner, times, lambda before, own: min(before) - fmean(own))


def _undisturbed(times: np.ndarray) -> float:
    place = (len(times) - 1) // _UNDISTURBED
    return float(np.partition(times, place)[place])


def _costs(traces: Sequence[Trace], owner: Owner, places: Sequence[int], number: int) -> Iterator[tuple[str, _Figure]]:
    logs = {place: math.log(cost) for place in places if (cost := traces[place].costs[number]) > 0}
    return _beside_baseline(traces, owner, logs, lambda before, own: median(own) - median(before))


def _beside_baseline(
    traces: Sequence[Trace],
    owner: Owner,
    logs: Mapping[int, float],
    compared: Callable[[Sequence[float], Sequence[float]], float],
) -> Iterator[tuple[str, _Figure]]:
    """Of each work but the baseline's what its logarithms are, `compared` with the baseline's; none without one."""
    before = [log for place, log in logs.items() if traces[place].baseline]
    if before:
        for work, own in _by_work(traces, (place for place in logs if not traces[place].baseline)):
            yield work, _Figure(owner, compared(before, [logs[place] for place in own]), own)


def _by_work(traces: Sequence[Trace], places: Iterable[int]) -> Iterator[tuple[str, tuple[int, ...]]]:
    found: dict[str, list[int]] = defaultdict(list)
    for place in places:
        found[traces[place].work].append(place)
    for work, own in found.items():
        yield work, tuple(own)


def _faster(speedups: Mapping[tuple[str, str], Sequence[_Figure]]) -> Iterator[tuple[int, Doubt]]:
    """Single cells, and owners by all of their cells: who is a little too fast everywhere lies far out only so."""
    single = [one for _, one in _outliers(speedups) if one.off > _LEAST_FASTER]
    for one in single:
        yield from _told(FASTER, one.figure.places, _of_speedup(one))
    told = {place for one in single for place in one.figure.places}
    offs: dict[tuple[str, Owner], list[tuple[float, tuple[int, ...]]]] = defaultdict(list)
    for (_, machine), figures in speedups.items():
        if len({one.owner for one in figures}) >= _FEWEST:
            middle = median(one.value for one in figures)
            for figure in figures:
                offs[machine, figure.owner].append((figure.value - middle, figure.places))
    every: dict[str, list[_Figure]] = defaultdict(list)
    for (machine, owner), each in offs.items():
        places = tuple(place for _, some in each for place in some)
        every[machine].append(_Figure(owner, fmean(off for off, _ in each), places))
    for _, one in _outliers(every):
        if one.off > _LEAST_FASTER:
            places = tuple(place for place in one.figure.places if place not in told)
            evidence = (
                f"all speed-ups beside it together are {math.exp(one.off):.2f} times those of {one.others} others"
            )
            yield from _told(FASTER, places, f"{evidence} on its kind of machine")


def _of_speedup(one: _Outlier) -> str:
    own, others = math.exp(one.figure.value), math.exp(one.middle)
    told = f"it is {own:.2f} times as fast as its baseline, and {others:.2f} times with {one.others} others"
    return f"{told} on its kind of machine"


def _told(kind: AuditKind, places: Iterable[int], evidence: str) -> Iterator[tuple[int, Doubt]]:
    for place in places:
        yield place, kind.odd(evidence, "possible")


def _outliers(groups: Mapping[K, Sequence[_Figure]]) -> Iterator[tuple[K, _Outlier]]:
    """Figures so far from their group's middle as hardly any is by chance, whichever of its owner's it is."""
    counts: dict[Owner, int] = defaultdict(int)
    for figures in groups.values():
        for one in figures:
            counts[one.owner] += 1
    for key, figures in groups.items():
        count = len({one.owner for one in figures})
        if count < _FEWEST:
            continue
        values = np.array([one.value for one in figures])
        middle, spread = float(np.median(values)), max(_LEAST_SPREAD, _spread(values))
        for one in figures:
            chance = _CHANCE / counts[one.owner]
            least = -float(special.stdtrit(_QN_EFFICIENCY * (count - 1), chance))
            if abs(one.value - middle) > least * spread:
                yield key, _Outlier(one, one.value - middle, middle, count - 1)


def _spread(values: np.ndarray) -> float:
    """Qn of the values; of very many, of some that are drawn evenly over their order in the file."""
    some = values[:: max(1, len(values) // _MOST_PAIRED)]
    ones, others = np.triu_indices(len(some), 1)
    half = len(some) // 2 + 1
    place = half * (half - 1) // 2 - 1
    return float(_QN * np.partition(np.abs(some[ones] - some[others]), place)[place])
