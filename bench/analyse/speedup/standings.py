"""How any two cells of a network stand to each other after any number of rounds: faster, slower, the same, or
undecided.

*Same* is two one-sided tests at 5 % (Schuirmann, *J. Pharmacokinet. Biopharm.* 15, 1987): the 90 % interval lies within
`protocol.same_within` of 1, and may exclude 1. *Faster* and *slower* hold for all variants of a network at once (Šidák,
*JASA* 62, 1967) and at every look, since rounds end once there is an answer: the level of a single look is
constant (Pocock, *Biometrika* 64, 1977), and found by simulating the whole rule: see `tests/simulate/rounds.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bench.analyse.comparable import differences, unfit
from bench.analyse.disturbances import held_up
from bench.analyse.speedup.baseline import NetworkKey, baselines, by_network, network_of
from bench.analyse.stats.network_fit import FEWEST_OWN, Contrast, NetworkFit
from bench.analyse.stats.process_times import ProcessTime, process_times
from bench.analyse.stats.ratio import Ratio, Refusal, Verdict, ratio
from bench.analyse.stats.spread import UNMEASURED, Spread
from bench.instruments.stats import estimate_of
from bench.results.query import Identity, identity
from bench.results.record import Record

__all__ = ["LOOK_LEVEL", "NetworkTimes", "Standing", "Standings", "speedup"]

LOOK_LEVEL = 0.006
"""Of one look at all variants of a network; over up to twelve looks some variant of twenty that are equal is marked in
about 3 of 100 tables."""

_LEVEL = 0.05
"""Of all variants of a network that were measured one after another, and are looked at once."""

_NO_BASELINE = Refusal(("its baseline was not measured",))
_MOST_NEEDED = 1000


@dataclass(frozen=True)
class Standing:
    """A speed-up, its verdict, and how many more processes of the cell, and of the other, would decide it.

    `verdict` is None where there is no ratio, `needed` where it is decided or no number is of help.
    """

    ratio: Ratio | Refusal
    verdict: Verdict | None
    needed: int | None


class Standings:
    """The cells of `records` beside each other: each is there once, as `bench.results.query.latest` gives them.

    `spreads` are by host, and one that isn't among them counts as unmeasured.
    """

    def __init__(self, records: Sequence[Record], spreads: Mapping[str, Spread]) -> None:
        self._spreads = spreads
        self._over = baselines(records)
        self._networks = by_network(records)
        self._fits: dict[NetworkKey, tuple[NetworkTimes | None, int]] = {}
        self._told: dict[tuple[int, int], tuple[Record, Record, Standing]] = {}
        self._ratios: dict[tuple[int, int], tuple[Record, Record, Ratio | Refusal]] = {}

    def to_baselines(self, records: Iterable[Record] | None = None) -> dict[Identity, Standing]:
        """Of each record (all where none are given) to the baseline of its own host, suite, model, batch size and seed;
        a baseline has none."""
        networks = self._networks if records is None else by_network(records)
        return {
            identity(record): self.of(record, baseline) if baseline else Standing(_NO_BASELINE, None, None)
            for key, group in networks.items()
            for baseline in (self._over.get(key),)
            for record in group
            if record is not baseline
        }

    def speedups(self) -> dict[Identity, Ratio | Refusal]:
        """The same, the speed-ups alone."""
        return {key: one.ratio for key, one in self.to_baselines().items()}

    def of(self, record: Record, other: Record) -> Standing:
        """Of any record to any other; of those that took turns by what all of their network say together."""
        key = id(record), id(other)
        if (
            key not in self._told
        ):  # a report asks again and again; the records are kept, so that no other gets their ids
            self._told[key] = record, other, self._stand(record, other)
        return self._told[key][2]

    def _stand(self, record: Record, other: Record) -> Standing:
        ratio = self._ratio(record, other)
        if isinstance(ratio, Refusal):
            return Standing(ratio, None, None)
        together, others = self._shared(record, other)
        if together is not None:
            return together.standing(identity(record), identity(other))
        if held_up(record) or held_up(other):
            return _standing(ratio, "undecided", 1)
        return _judged(Contrast.of(ratio), other.protocol.same_within, others, _LEVEL)

    def _ratio(self, record: Record, other: Record) -> Ratio | Refusal:
        """What the two say alone, asked for where all of a network is fitted, and again where they are judged."""
        key = id(record), id(other)
        if key not in self._ratios:
            self._ratios[key] = record, other, speedup(record, other, self._spreads.get(other.host, UNMEASURED))
        return self._ratios[key][2]

    def took_turns(self, record: Record, other: Record) -> bool:
        """Is that by what all of their network say, and not by what each says alone?"""
        return self._shared(record, other)[0] is not None

    def _shared(self, record: Record, other: Record) -> tuple[NetworkTimes | None, int]:
        """What says how two cells stand that took turns; and how many cells of their network are compared."""
        key = network_of(record)
        if key != network_of(other):
            return None, 1
        together, others = self._fitted(key)
        holds = together is not None and together.holds(identity(record), identity(other))
        return together if holds else None, others

    def _fitted(self, key: NetworkKey) -> tuple[NetworkTimes | None, int]:
        """What a network's cells say together, and how many of them are compared with its baseline."""
        if key not in self._fits:
            self._fits[key] = self._fit(self._over.get(key), self._networks.get(key, ()))
        return self._fits[key]

    def _fit(self, baseline: Record | None, group: Sequence[Record]) -> tuple[NetworkTimes | None, int]:
        if baseline is None:
            return None, len(group) - 1
        spread = self._spreads.get(baseline.host, UNMEASURED)
        fit = [one for one in group if one is baseline or isinstance(self._ratio(one, baseline), Ratio)]
        together = NetworkTimes(process_times(fit), identity(baseline), spread, baseline.protocol.same_within)
        return together, len(fit) - 1


class NetworkTimes:
    """What the `times` of one network say, of processes that took turns with its baseline's.

    A group that something from outside disturbed counts where its cell was in no other. Such groups mark nothing until
    there are three of them: what disturbs all of a cell's processes lasts, and is in their variance by then.
    """

    def __init__(self, times: Sequence[ProcessTime], baseline: Identity, spread: Spread, same_within: float) -> None:
        disturbed = {time.group for time in times if time.disturbed}
        self._every = NetworkFit(times, baseline, spread)
        self._clean = (
            NetworkFit([time for time in times if time.group not in disturbed], baseline, spread)
            if disturbed
            else self._every
        )
        self._same_within = same_within

    def holds(self, *cells: Identity) -> bool:
        """Did all of these take turns with the baseline, or are it?"""
        return self._every.holds(*cells)

    def standing(self, cell: Identity, other: Identity) -> Standing:
        """Of one to another, both of which it `holds`."""
        clean = self._clean.holds(cell, other)
        contrast = (self._clean if clean else self._every).contrast(cell, other)
        missing = FEWEST_OWN - contrast.processes
        if not clean and missing > 0:
            return _standing(contrast.ratio, "undecided", missing)
        return _judged(contrast, self._same_within, len(self._every.cells), LOOK_LEVEL)


def _judged(found: Contrast, band: float, comparisons: int, level: float) -> Standing:
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


def speedup(record: Record, baseline: Record, spread: Spread) -> Ratio | Refusal:
    """How many times as fast as `baseline` the record's steps are; where devices take a batch each, how many times as
    many examples a second they take.

    Both must be good, of one host and executor, and equal in everything that their workloads name but the options,
    which is where variants differ by design: model, data's shape and count, batch size, software. The interval covers
    the noise of the windows and the `spread` between that host's processes.
    """
    found = ((one.cell, unfit(one)) for one in (record, baseline))
    reasons = [f"{cell} {why}" for cell, why in found if why] or _differences(record, baseline)
    ours, theirs = estimate_of(record.timed), estimate_of(baseline.timed)
    if reasons or ours is None or theirs is None:
        return Refusal(tuple(reasons))
    return ratio(theirs, ours, spread).times(record.options.batches_per_step / baseline.options.batches_per_step)


def _differences(record: Record, baseline: Record) -> list[str]:
    ours, theirs = (
        {**one.workload.beside_options, "host": one.host, "executor": one.executor} for one in (record, baseline)
    )
    if ours == theirs:
        return []
    return [f"{name} differs: {mine} and {other}" for name, mine, other in differences(ours, theirs)]
