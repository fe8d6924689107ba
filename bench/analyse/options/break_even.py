"""When what is paid at the start comes back: after how many steps and epochs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from bench.analyse.options.effects import Group, OptionEffect, Unmeasured
from bench.analyse.options.measured_options import MeasuredOptions, corner_of_record, settings, switched
from bench.analyse.speedup.baseline import baselines
from bench.analyse.speedup.standings import Standings
from bench.analyse.stats.ratio import Ratio
from bench.results.query import identity
from bench.results.record import Record

__all__ = ["Answer", "BreakEven", "Saving", "Span", "break_evens"]

_FREE = {"xla": False, "cache": "none"}
"""Options that take time at the start to save some at every step, with the value that takes none."""

_FIRST_STEP_MISSING = "what the first step took is not recorded"
_FILLING_MISSING = "what filling the cache took is not recorded: attribute: true in the suite measures it"
_STILL_FILLING = "its windows may have begun before the cache was full, so what a step takes afterwards isn't known"

Answer = Literal["paid back", "at once", "never", "no evidence", "not known"]


class Saving(NamedTuple):
    """Seconds with their 95 % interval."""

    seconds: float
    low: float
    high: float

    @property
    def margin_seconds(self) -> float:
        """Half the interval's width."""
        return (self.high - self.low) / 2


class Span(NamedTuple):
    """Steps or epochs with their 95 % interval; None as a value or bound: never."""

    value: float | None
    low: float
    high: float | None

    def over(self, divisor: float) -> Span:
        """All three divided."""
        value, high = (None if one is None else one / divisor for one in (self.value, self.high))
        return Span(value, self.low / divisor, high)


@dataclass(frozen=True)
class BreakEven:
    """Whether `cost_seconds` more at the start are made up for by what each step saves.

    `changed` are the options that differ from what it is set against, which has `company` on too. `ratio` is how many
    times as fast it is. `cost_seconds` is of one process a side and has no interval; `why` says what isn't known.
    """

    group: Group
    changed: dict[str, Any]
    company: dict[str, Any]
    ratio: Ratio
    with_it: MeasuredOptions
    without: MeasuredOptions
    cost_seconds: float | None
    why: str | None

    @property
    def answer(self) -> Answer:
        if self.why == _STILL_FILLING:
            return "not known"
        if self.ratio.side == "slower":
            return "never"
        if self.ratio.side == "not distinguishable":
            return "no evidence"
        if self.cost_seconds is None:
            return "not known"
        return "paid back" if self.cost_seconds > 0 else "at once"

    @property
    def saving(self) -> Saving:
        """What a step saves: its own time × (ratio − 1), below 0 where it takes longer.

        Of the interval, the ratio's is taken whole, which holds the errors of both sides, and the step's own time as
        it stands: to first order that is no narrower than the interval of the difference of the two where it counts
        (ratio above 1), and lies above 0 just where the ratio is faster.
        """
        step = self.with_it.step_seconds
        return Saving(step * (self.ratio.value - 1), step * (self.ratio.low - 1), step * (self.ratio.high - 1))

    @property
    def steps(self) -> Span | None:
        """Steps after which it is paid back; None where nothing is to be paid, never is, or isn't known."""
        cost, (saving, low, high) = self.cost_seconds, self.saving
        if cost is None or cost <= 0 or high <= 0 or self.answer not in ("paid back", "no evidence"):
            return None
        return Span(cost / saving if saving > 0 else None, cost / high, cost / low if low > 0 else None)

    @property
    def epochs(self) -> Span | None:
        """`steps` in epochs of whole batches; None where it isn't known how many steps these have."""
        per_epoch = self.with_it.epoch_steps
        return self.steps.over(per_epoch) if self.steps and per_epoch is not None else None


def break_evens(
    effects: Iterable[OptionEffect], unknown: Iterable[Unmeasured], records: Sequence[Record], standings: Standings
) -> Iterator[BreakEven]:
    """One for each effect of an option that is paid for at the start, against the same options without it.

    Where the baseline has it on, that is set against the variant that hasn't. Where nothing shows the option apart
    from a variant's others (`unknown`), the variant as a whole is set against the baseline.
    """
    for effect in effects:
        if effect.option not in _FREE:
            continue
        sides, ratio = (effect.with_it, effect.without), effect.ratio
        if effect.on == _FREE[effect.option]:
            sides, ratio = sides[::-1], ratio.inverse
        changed = {effect.option: sides[0].settings[effect.option]}
        yield _break_even(effect.group, changed, effect.company, ratio, *sides)
    over = {(one.model, one.batch_size, one.seed): one for one in baselines(records).values()}
    whole = {identity(one.record): one for one in unknown if one.on != _FREE.get(one.option, one.on)}
    for one in whole.values():
        base = over[one.group]
        found = standings.of(one.record, base).ratio
        corner, other = corner_of_record(one.record), corner_of_record(base)
        if isinstance(found, Ratio) and corner and other:
            changed = switched(corner.settings, settings(base.workload))
            yield _break_even(one.group, changed, {}, found, corner, other)


def _break_even(
    group: Group,
    changed: dict[str, Any],
    company: dict[str, Any],
    ratio: Ratio,
    with_it: MeasuredOptions,
    without: MeasuredOptions,
) -> BreakEven:
    paid = [_start(side, fills="cache" in changed and _fills_beside_steps(side)) for side in (with_it, without)]
    why = next((one for one in paid if isinstance(one, str)), None)
    more, less = (0.0 if isinstance(one, str) else one for one in paid)
    return BreakEven(group, changed, company, ratio, with_it, without, more - less if why is None else None, why)


def _start(corner: MeasuredOptions, fills: bool) -> float | str:
    """What the start takes beyond steady steps, in seconds; or why that isn't known.

    The first step waits until the shuffle buffer is full. Where that holds all images, filling it is the first pass
    through the cache, and part of what the first step took. Else the cache `fills` beside the first epoch's steps: what
    the pipeline alone takes for that pass beyond a later one is then the most that it can cost.
    """
    full = corner.epoch_steps
    if fills and (full is None or corner.warm_steps is None or corner.warm_steps < full):
        return _STILL_FILLING
    if fills and corner.fill_seconds is None:
        return _FILLING_MISSING
    if corner.compile_seconds is None:
        return _FIRST_STEP_MISSING
    return corner.compile_seconds + (corner.fill_seconds or 0.0 if fills else 0.0)


def _fills_beside_steps(corner: MeasuredOptions) -> bool:
    """Is there a cache, and no shuffle buffer that makes the first step wait for a whole pass over the images?"""
    shuffle, images = corner.settings["shuffle"], corner.workload.data.train_images
    at_once = shuffle == "all" or (isinstance(shuffle, int) and images is not None and shuffle >= images)
    return corner.settings["cache"] != "none" and not at_once
