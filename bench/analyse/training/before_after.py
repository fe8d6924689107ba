"""Two cells of one model side by side, their seeds together: what a change of settings gives, and what it costs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bench.analyse.comparable import differences, unfit
from bench.analyse.conditions import OWN_CODE, Difference
from bench.analyse.stats.processes import Mean, mean_of, ratio_of, shared_half
from bench.analyse.stats.ratio import Ratio, Refusal
from bench.analyse.stats.spread import UNMEASURED, Spread
from bench.analyse.training.accuracy import judged_by, values_of
from bench.analyse.training.change import ACCURACIES, Change, accuracy_change, amount_change, time_change
from bench.analyse.training.seeds import Repeats, has_trained, repeats
from bench.analyse.training.settings import settings_of
from bench.results.query import Identity, identity
from bench.results.record import Record
from bench.support.flat import flat

__all__ = ["BeforeAfter", "before_after", "beside_baselines", "beside_by_record"]

_MEMORY = (
    "training_peak_gpu_allocator_bytes",
    "peak_gpu_allocator_bytes",
    "training_peak_resident_bytes",
    "peak_resident_bytes",
)


@dataclass(frozen=True)
class BeforeAfter:
    """One cell beside another: their step times (`step` is above 1 where `after` takes less time), every other figure
    that either has, and the settings in which they differ. `spreads` are those of either side's host.

    `judged` is the accuracy that tells which is the more accurate, if any does.
    """

    before: Repeats
    after: Repeats
    step: Ratio | Refusal
    means: tuple[Mean | None, Mean | None]
    changes: tuple[Change, ...]
    differs: tuple[Difference, ...]
    judged: str
    spreads: tuple[Spread, Spread]

    @property
    def accuracy(self) -> Change:
        return next(one for one in self.changes if one.name == self.judged)

    @property
    def faster(self) -> bool:
        """In its steps, or in its whole training."""
        (time,) = (one for one in self.changes if one.name == "training_seconds")
        return (isinstance(self.step, Ratio) and self.step.verdict == "faster") or time.verdict == "better"

    @property
    def at_a_price(self) -> bool:
        """Is it faster, and less accurate by more than seeds differ by?"""
        return self.faster and self.accuracy.verdict == "worse"


def before_after(
    before: Repeats,
    after: Repeats,
    spreads: Sequence[Mapping[str, Spread]],
    *,
    across: bool = False,
    same_within: float | None = None,
) -> BeforeAfter:
    """Set `after` beside `before`, both of one model; `spreads` are those of either side's hosts, by id.

    Steps are compared where both did the same work but for their options. `across`: the two are of different hosts or
    days, so that host and software may differ, which is named and not refused. Steps that differ by no more than the
    share `same_within` count as the same (None: the share that the first side's protocol has).
    """
    means = mean_of(_fit(before)), mean_of(_fit(after))
    ours, theirs = (side.get(one.first.host, UNMEASURED) for one, side in zip((before, after), spreads, strict=True))
    return BeforeAfter(
        before,
        after,
        _step(before, after, means, (ours, theirs), across, same_within),
        means,
        tuple(_changes(before, after)),
        tuple(_differs(before.first, after.first)),
        judged_by((*before.trained, *after.trained)),
        (ours, theirs),
    )


def beside_baselines(groups: Iterable[Repeats], spreads: Mapping[str, Spread]) -> tuple[BeforeAfter, ...]:
    """Each trained cell beside the suite's baseline of its model and batch size, where that was trained too."""
    groups = [group for group in groups if group.trained]
    over = {_place(group.first): group for group in groups if group.first.baseline}
    return tuple(
        before_after(over[_place(group.first)], group, (spreads, spreads))
        for group in groups
        if _place(group.first) in over and group is not over[_place(group.first)]
    )


def beside_by_record(records: Iterable[Record], spreads: Mapping[str, Spread]) -> Mapping[Identity, BeforeAfter]:
    """The same by each record of the cells that stand beside a baseline; of the newest records of one suite's cells."""
    records = list(records)
    if not any(map(has_trained, records)):
        return {}
    found = beside_baselines(repeats(records), spreads)
    return {identity(record): one for one in found for record in one.after.ok}


def _place(record: Record) -> tuple[str, str, str, int, str | None]:
    return record.host, record.suite, record.model, record.batch_size, record.team


def _fit(one: Repeats) -> list[Record]:
    return [record for record in one.records if not unfit(record)]


def _step(
    before: Repeats,
    after: Repeats,
    means: tuple[Mean | None, Mean | None],
    spreads: tuple[Spread, Spread],
    across: bool,
    same_within: float | None,
) -> Ratio | Refusal:
    ours, theirs = means
    reasons = [
        f"{one.name} {unfit(one.first) or 'has no step time'}"
        for one, mean in ((before, ours), (after, theirs))
        if mean is None
    ]
    reasons = reasons or _other_work(before.first, after.first, across)
    if reasons or ours is None or theirs is None:
        return Refusal(tuple(reasons))
    band = before.first.protocol.same_within if same_within is None else same_within
    shared = shared_half(ours, theirs, *spreads)
    return ratio_of(_for_a_batch(ours, before.first), _for_a_batch(theirs, after.first), shared, band)


def _for_a_batch(mean: Mean, record: Record) -> Mean:
    """Its seconds for one of the suite's batches, where each device of a step takes one."""
    return replace(mean, step_seconds=mean.step_seconds / record.options.batches_per_step)


def _other_work(before: Record, after: Record, across: bool) -> list[str]:
    """Why their steps can't be compared: everything of their workloads but options, and what `across` allows."""
    left_out = {"options", "software"} if across else {"options"}
    ours, theirs = (
        flat({name: value for name, value in one.workload.plain.items() if name not in left_out})
        | {"executor": one.executor, **({} if across else {"host": one.host})}
        for one in (before, after)
    )
    return [
        f"{name} differs: {mine} and {other}"
        for name, mine, other in differences(ours, theirs)
        if not (across and name in OWN_CODE)
    ]


def _changes(before: Repeats, after: Repeats) -> Iterator[Change]:
    for name in ("training_seconds", "training_energy_joules"):
        yield time_change(name, before, after)
    memory = next((name for name in _MEMORY if values_of(before.ok, name) and values_of(after.ok, name)), _MEMORY[-1])
    for name in (memory, "train_state_bytes", "trainable_params"):
        yield amount_change(name, before, after)
    for name in ACCURACIES:
        yield accuracy_change(name, before, after)


def _differs(before: Record, after: Record) -> Iterator[Difference]:
    """Every setting that isn't the same, and own code, software and host where those aren't."""
    ours, theirs = (settings_of(one) | _own_code(one) | _software(one) | {"host": one.host} for one in (before, after))
    yield from (Difference(*one) for one in differences(ours, theirs))


def _own_code(record: Record) -> dict[str, str]:
    named = flat(record.workload.plain)
    return {shown: named[name] for name, shown in OWN_CODE.items() if named.get(name)}


def _software(record: Record) -> dict[str, str]:
    return dict(record.workload.software)
