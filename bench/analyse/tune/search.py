"""Successive halving over a surrogate: which candidates to measure next, and for how long.

Successive halving (Jamieson & Talwalkar, AISTATS 2016) measures many candidates briefly and gives those that may still
be the best more time. Here a candidate need not have been measured to be judged: the surrogate says what options that
were measured apart come to together. The first rung has each option alone; each later one those that may be the best by
what is known, which are few. Where there are samples of before, what they promise comes first: they say where to look,
and have no say in what is found. A function of these and of what `evaluate` gives: no clock, no chance.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from bench.analyse.stats.ratio import Ratio, interval
from bench.analyse.tune.candidate import Candidate, changes, varied
from bench.analyse.tune.surrogate import Belief, Sample, Surrogate

__all__ = ["WINDOWS_COST", "Evaluation", "Rung", "Search", "SearchPlan", "Standing"]

_ONE_SIDED, _TWO_SIDED = 1.645, 1.96
WINDOWS_COST = 1.5
"""A second of windows takes so many: what leads in a turn, and cycles that are made up for."""
_FEWEST_FAILED = 2
"""One failure says nothing of others."""


@dataclass(frozen=True)
class Evaluation:
    """What candidates gave that took turns with the baseline: `samples` of their processes, the baseline's among them;
    why those that `failed` did, by name; and the `seconds` that so many `processes` took. What there was no memory for
    is in neither, nor is the baseline where it was alone. If the user `interrupted` it, that is what there was by then.
    """

    samples: tuple[Sample, ...]
    failed: Mapping[str, str]
    seconds: float
    processes: int
    interrupted: bool = False


Evaluate = Callable[[Sequence[str], float], Evaluation]
"""Measures the candidates of these names interleaved with the baseline, with so many seconds of windows each."""


@dataclass(frozen=True)
class SearchPlan:
    """`widest`: candidates in a rung at most; later rungs are `eta` times smaller, with `eta` times the seconds.

    `first_seconds` are of windows of a process in the first rungs, `most_seconds` in any. The search ends once no other
    candidate may be faster than the best by the share `tolerance`, or at `fewest` candidates a rung. `led` is how many
    of those that samples of before promise the most of are measured first.
    """

    widest: int = 8
    eta: float = 2.0
    first_seconds: float = 0.6
    most_seconds: float = 2.4
    tolerance: float = 0.02
    fewest: int = 2
    led: int = 3
    start_seconds: float = 4.0
    """What starting a process takes, as long as nothing is known of it."""


@dataclass(frozen=True)
class Rung:
    """One rung: who was `measured`, with how many `seconds` of windows each, who may `survive` it, and the `best` by
    then with its speed-up over the baseline."""

    number: int
    measured: tuple[str, ...]
    seconds: float
    survive: tuple[str, ...]
    best: str
    ratio: Ratio


@dataclass(frozen=True)
class Standing:
    """What is known of a candidate: its speed-up over the baseline, that over the best, and of how many processes. Of
    none is predicted of others."""

    candidate: Candidate
    ratio: Ratio
    to_best: Ratio
    processes: int
    failed: str | None = None


def suspects(
    failed: Sequence[Candidate], good: Sequence[Candidate], baseline: Candidate
) -> frozenset[frozenset[tuple[str, Hashable]]]:
    """Settings, and pairs of them, that at least two candidates `failed` with and no `good` one has: what they may have
    failed of."""
    sound = {part for one in good for part in _parts(_own(one, baseline))}
    counts = Counter(part for one in failed for part in _parts(_own(one, baseline)))
    return frozenset(part for part, count in counts.items() if count >= _FEWEST_FAILED and part not in sound)


def _own(one: Candidate, baseline: Candidate) -> frozenset[tuple[str, Hashable]]:
    """What it sets otherwise than the baseline."""
    return frozenset((axis, one.settings[axis]) for axis in changes(one, baseline))


def _parts(own: frozenset[tuple[str, Hashable]]) -> Iterator[frozenset[tuple[str, Hashable]]]:
    for size in (1, 2):
        yield from map(frozenset, itertools.combinations(sorted(own, key=str), size))


@dataclass
class Search:
    """`space` begins with the baseline; `earlier` are samples of before. `run` may be interrupted: `ranked` says what
    is known by then.

    >>> search = Search(space, evaluate, luck=0.02)
    >>> search.run(budget=100.0)
    >>> search.best()
    """

    space: Sequence[Candidate]
    evaluate: Evaluate
    luck: float
    plan: SearchPlan = field(default_factory=SearchPlan)
    heard: Callable[[Rung], None] = lambda _rung: None
    begins: Callable[[int, Sequence[str], float], None] = lambda _number, _names, _seconds: None
    earlier: Sequence[Sample] = ()
    spent: float = 0.0
    samples: list[Sample] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    rungs: list[Rung] = field(default_factory=list)
    over: bool = False

    def __post_init__(self) -> None:
        self._wanted, self._seconds = self.plan.widest, self.plan.first_seconds
        self._screened = False
        self._surrogate = Surrogate(self.space, self.luck)
        self._by_name = {one.name: one for one in self.space}
        self._start, self._last_start = self.plan.start_seconds, 0.0
        self._belief: Belief | None = None

    def run(self, budget: float) -> None:
        """Search until so many seconds are spent, as `evaluate` counts them; but one rung in any case. A further call
        with more of them goes on, unless the search is `over`.

        Raises RuntimeError where the baseline fails; what `evaluate` raises passes through.
        """
        plan = self.plan
        if not self.rungs:
            self._measure(0, (), self._seconds)  # by itself: does it run at all, and what does a start take?
        while not self.over:
            room = self._room(budget - self.spent, self._seconds)
            if room < 1 and self.rungs:
                return
            led = self._led() if not self.rungs else []
            screened = self._screen()[: 2 * plan.widest] if not (led or self._screened) else []
            self._screened |= not led
            names = (led or screened or self._promising(self._wanted))[: max(1, room)]
            self._measure(len(self.rungs) + 1, names, self._seconds)
            smallest = self._wanted <= plan.fewest and self._seconds >= plan.most_seconds
            failed = len(self.failed.keys() & {*names})
            self.over = not led and (self._is_settled() or smallest or len(self.rungs) > len(self.space))
            if not (led or screened) and 2 * failed < len(names):  # else little was learnt
                self._wanted = max(plan.fewest, math.ceil(self._wanted / plan.eta))
                self._seconds = min(plan.most_seconds, self._seconds * plan.eta)

    def best(self, allowed: Callable[[Candidate], bool] = lambda _one: True) -> Candidate | None:
        """The fastest of those `allowed` that were measured; of those that can't be told from it, and are within the
        tolerance, the one with the fewest changes. None where nothing was measured."""
        belief, places = self._believed(), {one.name: place for place, one in enumerate(self.space)}
        known = [one for one in self.ranked() if one.processes and one.failed is None and allowed(one.candidate)]
        if not known:
            return None
        gain, error = belief.over(places[known[0].candidate.name])
        close = []
        for one in known:
            behind, unsure = -gain[places[one.candidate.name]], error[places[one.candidate.name]]
            if behind <= min(self.plan.tolerance, max(self.plan.tolerance / 2, _ONE_SIDED * unsure)):
                close.append(one)
        return min(close, key=lambda one: len(changes(one.candidate, self.space[0]))).candidate

    @property
    def start_seconds(self) -> float:
        """What starting a process took, in the newer rungs."""
        return self._start

    def ranked(self) -> tuple[Standing, ...]:
        """All candidates, the fastest first; the best of those measured is what the others are held against."""
        belief = self._believed()
        to_best, errors = belief.over(self._incumbent(belief))
        own = np.sqrt(np.maximum(np.diag(belief.covariance), 0.0))
        counts = {name: sum(one.candidate == name for one in self.samples) for name in self._by_name}
        found = [
            Standing(
                one,
                interval(math.exp(belief.mean[place]), _TWO_SIDED * float(own[place])),
                interval(math.exp(to_best[place]), _TWO_SIDED * float(errors[place])),
                counts[one.name],
                self.failed.get(one.name),
            )
            for place, one in enumerate(self.space)
        ]
        return tuple(sorted(found, key=lambda one: (one.failed is not None, -one.ratio.value)))

    def _measure(self, number: int, names: Sequence[str], seconds: float) -> None:
        self.begins(number, names, seconds)
        found = self.evaluate(names, seconds)
        self.spent += found.seconds
        self.samples += found.samples
        self.failed |= found.failed
        self._belief = None
        if found.interrupted:
            raise KeyboardInterrupt
        baseline = self.space[0].name
        if baseline in found.failed:
            raise RuntimeError(found.failed[baseline])
        start = max(0.1, found.seconds / max(1, found.processes) - WINDOWS_COST * seconds)
        # of the last two: what starts beside many, or is compiled, takes longer than the one before it did
        self._start, self._last_start = max(start, self._last_start), start
        if not names:
            return
        belief = self._believed()
        best = self._incumbent(belief)
        gain, error = belief.over(0)
        self.rungs.append(
            Rung(
                number,
                tuple(names),
                seconds,
                tuple(self.space[place].name for place in self._survivors(belief)),
                self.space[best].name,
                interval(math.exp(gain[best]), _TWO_SIDED * float(error[best])),
            )
        )
        self.heard(self.rungs[-1])

    def _room(self, seconds_left: float, seconds: float) -> int:
        """So many candidates, beside the baseline, can be measured in what is left."""
        each = self._start + WINDOWS_COST * seconds
        return math.floor(seconds_left / each) - 1

    def _led(self) -> list[str]:
        """The few that samples of before promise the most of; none where there are none."""
        if not self.earlier:
            return []
        belief = self._surrogate.belief(self.earlier)
        return self._chosen(belief, 0, self._survivors(belief), self.plan.led)

    def _screen(self) -> list[str]:
        """Each value of each axis once, in candidates that differ from the baseline in as little as may be."""
        baseline, found = self.space[0], dict[str, None]()
        near = sorted(self.space[1:], key=lambda one: len(changes(one, baseline)))
        for axis in varied(self.space):
            seen = {baseline.settings.get(axis)}
            for one in near:
                if one.settings.get(axis) not in seen:
                    seen.add(one.settings.get(axis))
                    found[one.name] = None
        return [*found]

    def _promising(self, wanted: int) -> list[str]:
        """The best by now, and those that may be better."""
        belief = self._believed()
        best = self._incumbent(belief)
        return self._chosen(belief, best, self._survivors(belief), wanted)

    def _chosen(self, belief: Belief, best: int, places: Sequence[int], wanted: int) -> list[str]:
        """The one at `best`, unless that is the baseline, and of those at `places` the likeliest to be better first;
        what measuring one would say of the others is taken into account (GP-BUCB: Desautels et al., JMLR 15, 2014)."""
        others = self._least_suspect([place for place in places if place not in (0, best)])
        chosen = [] if best == 0 else [best]
        covariance = belief.covariance.copy()
        noise = self.luck**2
        while others and len(chosen) < wanted:
            # chosen ones are held against the best, which is measured beside them
            spread = np.array([covariance[p, p] + covariance[best, best] - 2 * covariance[p, best] for p in others])
            bound = belief.mean[others] - belief.mean[best] + _ONE_SIDED * np.sqrt(np.maximum(spread, 0.0))
            place = others.pop(int(np.argmax(bound)))
            chosen.append(place)
            column = covariance[:, place : place + 1]
            covariance -= column @ column.T / (covariance[place, place] + noise)
        return [self.space[place].name for place in chosen]

    def _least_suspect(self, places: list[int]) -> list[int]:
        """Those of the places with the fewest settings that others may have failed of."""
        good = [self._by_name[one.candidate] for one in self.samples]
        known = suspects([self._by_name[name] for name in self.failed], good, self.space[0])
        counts = {
            place: sum(part in known for part in _parts(_own(self.space[place], self.space[0]))) for place in places
        }
        return [place for place in places if counts[place] == min(counts.values())]

    def _survivors(self, belief: Belief) -> list[int]:
        """Those whose interval reaches the best, itself among them."""
        gain, error = belief.over(self._incumbent(belief))
        return [
            place
            for place, one in enumerate(self.space)
            if one.name not in self.failed and gain[place] + _ONE_SIDED * error[place] >= 0
        ]

    def _is_settled(self) -> bool:
        """May no other be faster by more than the tolerance?"""
        belief = self._believed()
        best = self._incumbent(belief)
        gain, error = belief.over(best)
        bound = [
            gain[place] + _ONE_SIDED * error[place]
            for place, one in enumerate(self.space)
            if place != best and one.name not in self.failed
        ]
        return max(bound, default=-math.inf) <= math.log1p(self.plan.tolerance)

    def _incumbent(self, belief: Belief) -> int:
        """The place of the fastest of those that were measured."""
        seen = {one.candidate for one in self.samples} - {*self.failed}
        places = [place for place, one in enumerate(self.space) if one.name in seen] or [0]
        return max(places, key=lambda place: float(belief.mean[place]))

    def _believed(self) -> Belief:
        if self._belief is None:
            self._belief = self._surrogate.belief(self.samples)
        return self._belief
