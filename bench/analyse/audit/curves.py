"""Doubts about learning curves beside each other: that a seed can't give, or that are another training's."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from scipy import special

from bench.analyse.audit.declaration import AuditKind, Doubt
from bench.analyse.audit.traces import Trace, close_pairs, of_both

__all__ = ["CURVES", "curves"]

SEED = AuditKind("seed", "its learning curve isn't that of its seed, data and network, as others have it")
SAME_CURVE = AuditKind("same-curve", "its learning curve is another's, of another seed, data or training")
CURVE_ALIKE = AuditKind("curve-alike", "its learning curve rises and falls with another training's, epoch by epoch")
CURVES: Final = (SEED, SAME_CURVE, CURVE_ALIKE)

_FEWEST_LIKE: Final = 4
_CURVE_APART: Final = 0.35
_SHORT_CURVE: Final = 3
_SMALL: Final = 1e-4
_FEWEST_OTHERS: Final = 8
"""Trainings of one kind from which is known how all of them go, so that each one's own ups and downs are left."""
_LEAST_EPOCHS: Final = 6
_MANY: Final = 20_000
"""Trainings of one kind that are compared each with each."""
_SOME: Final = 1_000
"""Of these, by which is known how alike they are by chance."""
_EXPECTED: Final = 0.004
"""Pairs of independent trainings that may be found alike in a whole class: simulated, it is one class in a hundred, for
how curves vary is known of few trainings but roughly."""
_MOST_DEVIATIONS: Final = 3.0
_LEAST_CORRELATED: Final = 0.8


def curves(traces: Sequence[Trace]) -> Iterator[tuple[int, Doubt]]:
    """What speaks against learning curves once they are set beside each other, by their place among the `traces`."""
    yield from _of_its_seed(traces)
    yield from _same(traces)
    yield from _alike(traces)


def _of_its_seed(traces: Sequence[Trace]) -> Iterator[tuple[int, Doubt]]:
    """Trainings with equal seeds, data and settings begin alike: the order of the images is the seed's."""
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, trace in enumerate(traces):
        if trace.losses:
            groups[trace.learning].append(place)
    for places in groups.values():
        if len(places) < _FEWEST_LIKE:
            continue
        first = np.array([traces[place].losses[0] for place in places])
        middle = float(np.median(first))
        near = np.abs(first / middle - 1) if middle > 0 else np.zeros(len(first))
        for place, loss, off in zip(places, first, near, strict=True):
            if off > _CURVE_APART and float(np.median(near)) < _CURVE_APART / 4:
                others = f"{len(places)} with this seed and data have about {middle:.4g}"
                yield place, SEED.odd(f"its first epoch's loss is {loss:.4g}; {others}")


def _same(traces: Sequence[Trace]) -> Iterator[tuple[int, Doubt]]:
    groups: dict[tuple[float, ...], list[int]] = defaultdict(list)
    for place, trace in enumerate(traces):
        if len(trace.losses) >= _SHORT_CURVE and min(trace.losses[:_SHORT_CURVE]) > _SMALL:
            groups[trace.losses[:_SHORT_CURVE]].append(place)
    for places in groups.values():
        for one, other in pairwise(places):
            if traces[one].curve != traces[other].curve:
                yield from of_both(SAME_CURVE, traces, one, other, "its losses are those of another training:")


def _alike(traces: Sequence[Trace]) -> Iterator[tuple[int, Doubt]]:
    """Curves that share what is left of them once how all trainings of their kind go is taken away: their own ups and
    downs from epoch to epoch, in losses and accuracies together."""
    groups: dict[tuple[str, int], list[int]] = defaultdict(list)
    for place, trace in enumerate(traces):
        if len(trace.epochs) >= _LEAST_EPOCHS and np.isfinite(trace.epochs).all():
            groups[trace.training, len(trace.epochs)].append(place)
    for places in groups.values():
        if _FEWEST_OTHERS <= len(places) <= _MANY:
            yield from _pairs_alike(traces, places)


def _pairs_alike(traces: Sequence[Trace], places: Sequence[int]) -> Iterator[tuple[int, Doubt]]:
    own = _ups_and_downs(np.array([traces[place].epochs for place in places]))
    if own is None:
        return
    for first, second, alike in close_pairs(own, _least_alike(own)):
        one, other = places[first], places[second]
        if traces[one].curve != traces[other].curve:  # equal trainings may well go alike
            what = f"its epochs rise and fall ({alike:.3f} in correlation) as do those of"
            yield from of_both(CURVE_ALIKE, traces, one, other, what, sure=False)


def _least_alike(own: np.ndarray) -> float:
    """The correlation that hardly any two of all have by chance.

    Independent vectors in d dimensions have a product r whose square is distributed as Beta(1/2, (d - 1)/2), of mean
    1/d. How many dimensions count is known best from themselves: losses and accuracies of an epoch go together.
    """
    some = own[:: max(1, len(own) // _SOME)]
    products = (some @ some.T)[np.triu_indices(len(some), 1)]
    dimensions = max(2.0, 1 / float(np.mean(products**2)))
    pairs = len(own) * (len(own) - 1) / 2
    rest = special.betaincinv((dimensions - 1) / 2, 0.5, min(1.0, 2 * _EXPECTED / pairs))
    return max(_LEAST_CORRELATED, math.sqrt(1 - float(rest)))


def _ups_and_downs(epochs: np.ndarray) -> np.ndarray | None:
    """What is each one's own in `epochs`, [trainings, epochs, columns], as vectors of length 1: their products are
    correlations. None where there is too little of it."""
    own = epochs - np.median(epochs, axis=0)
    # trainings that go better throughout, or gain as they go, aren't alike yet: what is left across constant and slope
    across = np.linalg.qr(np.vander(np.linspace(-1, 1, epochs.shape[1]), 2), mode="complete")[0][:, 2:]
    own = np.einsum("ek,nec->nkc", across, own).reshape(len(own), -1)
    spreads = np.median(np.abs(own), axis=0) / special.ndtri(0.75)
    told = spreads > 0
    if told.sum() < _LEAST_EPOCHS:
        return None
    own = np.clip(own[:, told] / spreads[told], -_MOST_DEVIATIONS, _MOST_DEVIATIONS)
    # what goes together in all of them, as losses and accuracies do, counts once; few trainings tell little of it
    few = own.shape[1] / (len(own) + own.shape[1])
    values, vectors = np.linalg.eigh((1 - few) * np.cov(own.T) + few * np.diag(own.var(axis=0)))
    own = own @ (vectors / np.sqrt(np.maximum(values, 1e-6)))
    return np.asarray(own / np.maximum(np.linalg.norm(own, axis=1, keepdims=True), 1e-12))
