"""What each option of a variant gives: on against off, with all else equal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bench.analyse.options.measured_options import (
    NOTEBOOK,
    MeasuredOptions,
    Settings,
    WorkKey,
    corner_of_record,
    corners_of_pair,
    setting_key,
    settings,
    switched,
    work_key,
)
from bench.analyse.speedup.baseline import baselines
from bench.analyse.speedup.standings import Standings
from bench.analyse.stats.interleaved import paired
from bench.analyse.stats.ratio import Ratio, Refusal
from bench.results.pair import Pair
from bench.results.query import when
from bench.results.record import Record
from bench.suite.options import Options

__all__ = ["Group", "OptionEffect", "Unmeasured", "option_effects", "unmeasured"]

Group = tuple[str, int, int]
"""Model, batch size and seed."""

Edges = dict[tuple[WorkKey, WorkKey], "OptionEffect"]
"""Effects by the work of their two corners, so that each is there once."""


@dataclass(frozen=True)
class OptionEffect:
    """One option on against off: `ratio` is how many times as fast the steps are with it on.

    Off is the baseline's value. `company` are the other options that were on in both: where there are none, the
    option is alone in the baseline's own pipeline. `rounds` of two processes in turns were measured; None: two
    records, whose processes took turns with all of their run's, or (`apart`) ran one after the other.
    """

    model: str
    batch_size: int
    seed: int
    option: str
    company: dict[str, Any]
    ratio: Ratio
    rounds: int | None
    with_it: MeasuredOptions
    without: MeasuredOptions
    apart: bool = False

    @property
    def how(self) -> tuple[bool, bool]:
        """Equal where both were measured in the same way."""
        return self.rounds is not None, self.apart

    @property
    def on(self) -> Any:
        return self.with_it.settings[self.option]

    @property
    def off(self) -> Any:
        return self.without.settings[self.option]

    @property
    def group(self) -> Group:
        return self.model, self.batch_size, self.seed


@dataclass(frozen=True)
class Unmeasured:
    """An option of `record`'s variant that nothing shows on against off beside the variant's others.

    `why` is what became of a pair that was to show it; None where there was none.
    """

    record: Record
    option: str
    on: Any
    off: Any
    company: dict[str, Any]
    why: str | None

    @property
    def group(self) -> Group:
        return _group(self.record)


def option_effects(records: Iterable[Record], pairs: Iterable[Pair], standings: Standings) -> tuple[OptionEffect, ...]:
    """Every effect that the newest records of one host's cells of a suite, and its pairs, show.

    An effect lies between two workloads that are equal in all but one option, which has the baseline's value in one of
    them. Measured interleaved it is taken from the newest pair that went well; else from any two good records, neither
    of which need be the baseline. What was measured with other software, data or another state of the network than the
    baseline is left out.
    """
    groups: dict[Group, tuple[list[Record], list[Pair]]] = {}
    for record in records:
        groups.setdefault(_group(record), ([], []))[0].append(record)
    for pair in pairs:
        groups.setdefault(_pair_group(pair), ([], []))[1].append(pair)
    return tuple(effect for group, (own, turns) in groups.items() for effect in _effects(group, own, turns, standings))


def unmeasured(
    records: Iterable[Record], pairs: Iterable[Pair], effects: Iterable[OptionEffect]
) -> Iterator[Unmeasured]:
    """The options of each good variant with several on that no effect shows in the company of its others.

    Not `image_size`, of which none can: other images are other work.
    """
    records = list(records)
    shown = {(effect.group, effect.with_it.key, effect.option) for effect in effects}
    failed = {}
    for pair in pairs:
        failed[_pair_group(pair), work_key(pair.a.workload), pair.option] = _fault(pair)
    over = {_group(record): record for record in baselines(records).values() if corner_of_record(record)}
    for record in records:
        corner, group = corner_of_record(record), _group(record)
        if corner is None or group not in over:
            continue
        off = settings(over[group].workload)
        on = switched(corner.settings, off)
        for option in on if len(on) > 1 else ():
            if option != "image_size" and (group, corner.key, option) not in shown:
                company = {name: value for name, value in on.items() if name != option}
                why = failed.get((group, corner.key, option))
                yield Unmeasured(record, option, on[option], off.get(option), company, why)


def _effects(
    group: Group, records: Sequence[Record], pairs: Sequence[Pair], standings: Standings
) -> list[OptionEffect]:
    base = next(iter(baselines(records).values()), None)
    off = settings(base.workload) if base else NOTEBOOK
    setting = _setting(base, records, pairs)
    found = _of_records(group, records, base, setting, off, standings)
    for pair in sorted(pairs, key=lambda one: one.started):
        effect = _in_turns(group, pair, off)
        if effect is not None and setting_key(effect.without.workload) == setting:
            found[effect.with_it.key, effect.without.key] = effect
    order = {option: place for place, option in enumerate(Options.model_fields)}
    return sorted(found.values(), key=lambda one: (order.get(one.option, len(order)), str(one.on), len(one.company)))


def _of_records(
    group: Group, records: Iterable[Record], base: Record | None, setting: str, off: Settings, standings: Standings
) -> Edges:
    """The effects between records."""
    corners: dict[WorkKey, tuple[MeasuredOptions, Record]] = {}
    # of records of equal work the baseline, so that figures agree with its speed-ups, and else the newest
    for record in sorted(records, key=lambda one: (one is base, when(one))):
        corner = corner_of_record(record)
        if corner is not None and setting_key(corner.workload) == setting:
            corners[corner.key] = corner, record
    found: Edges = {}
    for corner, record in corners.values():
        for option in switched(corner.settings, off):
            other, without = corners.get(corner.with_option(option, off.get(option)), (None, None))
            if other is None or without is None:
                continue
            faster = standings.of(record, without).ratio
            if isinstance(faster, Ratio):
                company, apart = switched(other.settings, off), not standings.took_turns(record, without)
                found[corner.key, other.key] = OptionEffect(*group, option, company, faster, None, corner, other, apart)
    return found


def _in_turns(group: Group, pair: Pair, off: Settings) -> OptionEffect | None:
    """The effect that a pair shows, whichever of its sides has the option on; None where it shows none."""
    corners = corners_of_pair(pair)
    b_faster = paired(pair) if corners else None
    if corners is None or not isinstance(b_faster, Ratio):
        return None
    a, b = corners
    a_faster = b_faster.inverse
    for option in switched(a.settings, b.settings):
        for with_it, without, faster in ((a, b, a_faster), (b, a, b_faster)):
            if with_it.with_option(option, off.get(option)) == without.key:
                company = switched(without.settings, off)
                return OptionEffect(*group, option, company, faster, len(pair.rounds), with_it, without)
    return None


def _fault(pair: Pair) -> str | None:
    """Why the pair shows nothing; None where it does."""
    if pair.failure is not None:
        return pair.failure.message
    found = paired(pair)
    return str(found) if isinstance(found, Refusal) else None if pair.ok else pair.status


def _setting(base: Record | None, records: Iterable[Record], pairs: Iterable[Pair]) -> str:
    """What all effects of a group must share: the baseline's network, data and software, or else the newest's."""
    if base is not None:
        return setting_key(base.workload)
    dated = [(record.started, record.workload) for record in records]
    dated += [(pair.started, pair.b.workload) for pair in pairs]
    return setting_key(max(dated, key=lambda one: one[0])[1])


def _group(record: Record) -> Group:
    return record.model, record.batch_size, record.seed


def _pair_group(pair: Pair) -> Group:
    return pair.a.model, pair.a.batch_size, pair.a.seed
