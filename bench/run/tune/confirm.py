"""The best candidate measured again, in fresh processes that had no part in its choice: how fast is it, and what does
each of its options add?"""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bench.analyse.stats.network_fit import NetworkFit
from bench.analyse.stats.ratio import Ratio
from bench.analyse.stats.spread import spread_of
from bench.analyse.tune.candidate import Candidate, changes
from bench.analyse.tune.result import Confirmed, Effect
from bench.analyse.tune.search import WINDOWS_COST
from bench.instruments.stats import estimate_of
from bench.results.query import Identity, identity, latest
from bench.results.record import Record
from bench.run.plan import Planned
from bench.run.tune.evaluator import Evaluator, example_times
from bench.run.tune.space import BATCH_SIZE, candidate_name, cell_of

__all__ = ["Confirmation"]

_MOST_ROUNDS = 8
_FEWEST_ROUNDS = 3
_PRECISION = 0.01
"""Half the interval of the speed-up, as a share of it, at which it is known well enough."""
_WHOLE = 2
"""The baseline and the best are in every round."""
_LEAST_LEFT = 0.6
"""The first round begins where so much of what it takes is left."""
_SECONDS = 1.2
"""Windows of a process."""


@dataclass
class Confirmation:
    """Measures `best` beside the baseline and beside itself with one option less, for each that it changes.

    `start_seconds` is what starting a process takes. `run` may be interrupted: `confirmed` says what is known by then;
    `heard(rounds, ratio)` is told of every round.
    """

    evaluator: Evaluator
    baseline: Candidate
    best: Candidate
    start_seconds: float
    heard: Callable[[int, Ratio | None], None] = lambda _rounds, _ratio: None
    records: list[Record] = field(default_factory=list)
    rounds: int = 0

    def __post_init__(self) -> None:
        self._without = {option: self._less(option) for option in changes(self.best, self.baseline)}
        # without its only option it is the baseline
        self._others = [one for one in self._without.values() if one.skip is None] if len(self._without) > 1 else []

    def run(self, until: float) -> None:
        """As many rounds as end before `until`, by the executor's clock; one that would end little later too, for a
        figure that had no part in the choice is worth that, but none where time is up."""
        clock = self.evaluator.ready.executor.clock
        room, seconds = self._room(until - clock())
        took = _LEAST_LEFT * room * (self.start_seconds + WINDOWS_COST * seconds)
        while self.rounds < _MOST_ROUNDS and clock() + took <= until:
            began, before = clock(), len(self.evaluator.runs.records)
            try:
                self.evaluator.measure(self._cells(room), seconds)
            finally:  # on Ctrl-C what was measured by then counts
                self.records += self.evaluator.runs.records[before:]
            took = clock() - began
            self.rounds += 1
            found = self.confirmed()
            self.heard(self.rounds, found.ratio if found is not None else None)
            if found is None or (self.rounds >= _FEWEST_ROUNDS and found.ratio.margin <= _PRECISION):
                return

    def _room(self, left: float) -> tuple[int, float]:
        """How many processes a round has, of which several should fit in the seconds that are `left`, and how many
        seconds of windows each has."""
        most = len(self._others) + 2 * _WHOLE
        for rounds, seconds in itertools.product((_FEWEST_ROUNDS, 1), (_SECONDS, _SECONDS / 2)):
            room = int(left / rounds / (self.start_seconds + WINDOWS_COST * seconds))
            if room >= most - _WHOLE:
                return min(room, most), seconds
        return max(_WHOLE, room), seconds

    def _cells(self, room: int) -> list[Planned]:
        """What takes turns in the next round. Where there isn't room for all, those with one option less come in turn;
        where there is more, both of those that matter most are there twice."""
        whole = [self.evaluator.planned[self.baseline.name], self.evaluator.planned[self.best.name]]
        first = self.rounds * (room - _WHOLE) % len(self._others) if self._others else 0
        return [*whole, *self._others[first:], *self._others[:first], *whole][:room]

    def confirmed(self) -> Confirmed | None:
        """What is known by now; None where the best or the baseline has no good process."""
        good = [one for one in self.records if one.ok]
        by_variant = {one.variant: identity(one) for one in good}
        if self.baseline.name not in by_variant or self.best.name not in by_variant:
            return None
        spread = spread_of(self.evaluator.ready.setting.host)
        fit = NetworkFit(example_times(good), by_variant[self.baseline.name], spread)
        best = by_variant[self.best.name]
        if not fit.holds(best):
            return None
        ratio = fit.contrast(best, by_variant[self.baseline.name]).ratio
        effects = tuple(self._effect(option, fit, best, by_variant, ratio) for option in self._without)
        steps = {name: _step_seconds(good, name) for name in (self.baseline.name, self.best.name)}
        return Confirmed(ratio, effects, steps, max(1, self.rounds))

    def _effect(
        self, option: str, fit: NetworkFit, best: Identity, by_variant: dict[str, Identity], whole: Ratio
    ) -> Effect:
        value, otherwise = self.best.settings[option], self.baseline.settings[option]
        if len(self._without) == 1:
            return Effect(option, value, otherwise, whole)
        planned = self._without[option]
        other = by_variant.get(planned.cell.variant.name)
        if planned.skip is not None or other is None or not fit.holds(other):
            failed = (one.failure for one in latest(self.records) if one.variant == planned.cell.variant.name)
            failure = next(failed, None)
            why = planned.skip or (failure.message if failure is not None else "there was no memory or time for it")
            return Effect(option, value, otherwise, None, why)
        return Effect(option, value, otherwise, fit.contrast(best, other).ratio)

    def _less(self, option: str) -> Planned:
        """The best without that option."""
        evaluator = self.evaluator
        base, size = evaluator.planned[self.baseline.name], self.best.batch_size
        options = self.best.options
        if option == BATCH_SIZE:
            size = self.baseline.batch_size
        else:
            options = options.model_copy(update={option: self.baseline.settings[option]})
        name = candidate_name(options, self.baseline.options, size, self.baseline.batch_size) or self.baseline.name
        return evaluator.ready.plan(cell_of(base.cell, name, options, size))


def _step_seconds(records: Sequence[Record], variant: str) -> float:
    found = [estimate_of(one.timed) for one in records if one.variant == variant]
    return statistics.median([one.step_seconds for one in found if one is not None] or [math.nan])
