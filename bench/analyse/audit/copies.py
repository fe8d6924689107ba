"""Doubts about records beside each other: times that two can't have in common."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from bench.analyse.audit.declaration import AuditKind, Doubt
from bench.analyse.audit.traces import Trace, close_pairs, of_both, step_times

__all__ = ["COPIES", "copies"]

COPY = AuditKind("copy", "its times are those of another record, as they are or all changed by one factor")
ALIKE = AuditKind("alike", "its times rise and fall with another record's, window by window")
TWO_VERSIONS = AuditKind("two-versions", "there are two unlike records of the very same process")
COPIES: Final = (COPY, ALIKE, TWO_VERSIONS)

_SHARED: Final = 3
"""Times of two records that are equal to the last digit: one may be by chance."""
_CORRELATED: Final = 0.8
_DEVIATIONS: Final = 6.5
"""Of Fisher's transform of a correlation: independent windows come so far once in 10¹⁰ pairs, and a course has 10⁸."""
_LEAST_CORRELATED: Final = 12
_MANY: Final = 20_000
"""Records of equal work whose times are compared each with each."""


def copies(traces: Sequence[Trace]) -> Iterator[tuple[int, Doubt]]:
    """What speaks against records once their times are set beside each other, by their place among the `traces`."""
    yield from _two_versions(traces)
    yield from _equal_times(traces)
    yield from _scaled(traces)
    yield from _correlated(traces)


def _two_versions(traces: Sequence[Trace]) -> Iterator[tuple[int, Doubt]]:
    groups: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for place, trace in enumerate(traces):
        groups[trace.process].append(place)
    for places in groups.values():
        if len(places) > 1 and traces[places[0]].process[-1] is not None:
            for first, other in pairwise(places):
                what = "another record of the same process is"
                yield from of_both(TWO_VERSIONS, traces, first, other, what, sure=False)


def _equal_times(traces: Sequence[Trace]) -> Iterator[tuple[int, Doubt]]:
    """Pairs that share several times to the last digit; a clock that counts nanoseconds hardly gives one twice."""
    if not traces:
        return
    lengths = [len(trace.seconds) for trace in traces]
    owners = np.repeat(np.arange(len(traces)), lengths)
    times = np.concatenate([trace.seconds for trace in traces])
    order = np.lexsort((owners, times))
    times, owners = times[order], owners[order]
    same = (times[1:] == times[:-1]) & (owners[1:] != owners[:-1])
    shared: dict[tuple[int, int], int] = defaultdict(int)
    for place in np.flatnonzero(same):
        shared[int(owners[place]), int(owners[place + 1])] += 1
    for (one, other), count in shared.items():
        if count >= min(_SHARED, lengths[one], lengths[other]) and _apart(traces[one], traces[other]):
            what = f"{count} of its {lengths[one]} times are, to the last digit, those of"
            yield one, COPY.odd(f"{what} {traces[other].where}", "certain")
            what = f"{count} of its {lengths[other]} times are, to the last digit, those of"
            yield other, COPY.odd(f"{what} {traces[one].where}", "certain")


def _scaled(traces: Sequence[Trace]) -> Iterator[tuple[int, Doubt]]:
    """Records whose step times have the same proportions to each other, in whatever order and of whatever speed."""
    groups: dict[bytes, list[int]] = defaultdict(list)
    for place, trace in enumerate(traces):
        if trace.proportions:
            groups[trace.proportions].append(place)
    for places in groups.values():
        for one, other in pairwise(places):
            factor = float(np.min(step_times(traces[one])) / np.min(step_times(traces[other])))
            if abs(factor - 1) > 1e-12 and _apart(traces[one], traces[other]):
                yield from of_both(
                    COPY, traces, one, other, f"its times are {factor:.6g} (or 1 over it) times those of"
                )


def _correlated(traces: Sequence[Trace]) -> Iterator[tuple[int, Doubt]]:
    """Records of equal work, on whatever machines, whose times change together from window to window, as no two
    processes' do."""
    groups: dict[tuple[str, int], list[int]] = defaultdict(list)
    for place, trace in enumerate(traces):
        if len(trace.steps) >= _LEAST_CORRELATED and step_times(trace).min() > 0:
            groups[trace.work, len(trace.steps)].append(place)
    for places in groups.values():
        if 2 <= len(places) <= _MANY:
            changes = np.diff(np.log([step_times(traces[place]) for place in places]), axis=1)
            yield from _pairs_alike(traces, places, changes)


def _pairs_alike(traces: Sequence[Trace], places: Sequence[int], changes: np.ndarray) -> Iterator[tuple[int, Doubt]]:
    ranks = np.argsort(np.argsort(changes, axis=1), axis=1).astype(np.float64)  # one stall that both had means little
    ranks -= ranks.mean(axis=1, keepdims=True)
    ranks /= np.linalg.norm(ranks, axis=1, keepdims=True)
    least = max(_CORRELATED, math.tanh(_DEVIATIONS / math.sqrt(changes.shape[1] - 3)))
    for one, other, alike in close_pairs(ranks, least):
        mine, its = places[one], places[other]
        same_run = traces[mine].process[-1] is not None and _run(traces[mine]) == _run(traces[its])
        if not same_run and _apart(traces[mine], traces[its]):
            what = f"its times change from window to window ({alike:.3f} in rank) as do those of"
            yield from of_both(ALIKE, traces, mine, its, what, sure=False)


def _apart(one: Trace, other: Trace) -> bool:
    """Aren't they the same record, filed twice?"""
    return one.process != other.process or one.where.file != other.where.file


def _run(trace: Trace) -> object:
    turns = trace.process[-1]
    return turns[:3] if isinstance(turns, tuple) else None
