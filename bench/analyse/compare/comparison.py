"""Two stored sides compared: an answer for every cell that both have, and for all of them together."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from scipy import special

from bench.analyse.comparable import unfit
from bench.analyse.compare.join import Joined, Joint
from bench.analyse.conditions import Difference, conditions, other_work
from bench.analyse.findings.registry import judge
from bench.analyse.stats.processes import Mean, mean_of, ratio_of, shared_half
from bench.analyse.stats.ratio import Ratio, Refusal, interval
from bench.analyse.stats.spread import UNMEASURED, Spread
from bench.results.record import Finding, Record

__all__ = ["Answer", "Compared", "Comparison", "compare"]

Answer = Literal["faster", "slower", "same", "undecided", "unchanged", "not compared"]


@dataclass(frozen=True)
class Compared:
    """One cell: the newest record of each side, their step times, and the answer.

    `ratio` is above 1 where the second side takes less time; a Refusal says why there is none; None: both sides have
    the very same record. `differs` is what may explain the answer. `between_processes` is the half-width, of the
    ratio's logarithm, that the spreads of the hosts alone give. The findings are those of the two records.
    What differs by no more than the share `same_within` counts as the same.
    """

    before: Record
    after: Record
    ratio: Ratio | Refusal | None
    differs: tuple[Difference, ...] = ()
    mean_before: Mean | None = None
    mean_after: Mean | None = None
    between_processes: float = 0.0
    findings_before: tuple[Finding, ...] = ()
    findings_after: tuple[Finding, ...] = ()
    same_within: float = 0.0

    @property
    def answer(self) -> Answer:
        if self.ratio is None:
            return "unchanged"
        return self.ratio.verdict if isinstance(self.ratio, Ratio) else "not compared"

    @property
    def resolvable(self) -> float | None:
        """The smallest difference that this comparison could have told from noise, as a share."""
        return self.ratio.high / self.ratio.value - 1 if isinstance(self.ratio, Ratio) else None

    @property
    def of_windows(self) -> float:
        """The half-width, of the ratio's logarithm, that the noise of both sides' windows alone gives."""
        return math.hypot(*(mean.margin for mean in (self.mean_before, self.mean_after) if mean))


@dataclass(frozen=True)
class Comparison:
    """All cells of both sides. `spreads` are those used, by host: the first side's, then the second's."""

    joined: Joined
    cells: tuple[Compared, ...]
    spreads: tuple[Mapping[str, Spread], Mapping[str, Spread]]

    @property
    def bands(self) -> tuple[float, ...]:
        """The shares within which cells count as the same, smallest first."""
        return tuple(sorted({one.same_within for one in self.cells if isinstance(one.ratio, Ratio)}))

    @cached_property
    def counts(self) -> Counter[Answer]:
        """How many cells got each answer."""
        return Counter(one.answer for one in self.cells)

    @cached_property
    def common(self) -> tuple[Difference, ...]:
        """What differs at every cell that was compared, and in the same way."""
        first, *others = [one.differs for one in self.cells if isinstance(one.ratio, Ratio)] or [()]
        return tuple(one for one in first if all(one in other for other in others))

    @cached_property
    def overall(self) -> Ratio | None:
        """The geometric mean of the ratios; None below two cells.

        Its interval joins two parts. What is each cell's own averages out: the larger of their scatter (Student's t
        over the cells) and of what the noise of their windows comes to. How fast a machine was as a run went by is
        shared by the cells of that run, and doesn't: wholly correlated errors have the mean of their half-widths, so
        the spread between processes is divided by the processes of a cell alone, never by the number of cells.
        """
        cells = [(one, math.log(one.ratio.value)) for one in self.cells if isinstance(one.ratio, Ratio)]
        number = len(cells)
        if number < 2:
            return None
        logs = [log for _, log in cells]
        scatter = float(special.stdtrit(number - 1, 0.975)) * statistics.stdev(logs) / math.sqrt(number)
        windows = math.hypot(*(one.of_windows for one, _ in cells)) / number
        shared = statistics.fmean(one.between_processes for one, _ in cells)
        return interval(math.exp(statistics.fmean(logs)), math.hypot(max(scatter, windows), shared))

    @property
    def worse(self) -> tuple[Compared, ...]:
        """Cells that are slower, and those that ended well before and now badly."""
        return tuple(
            one
            for one in self.cells
            if one.answer == "slower" or (one.before.ok and one.after.status not in ("ok", "skipped"))
        )

    @property
    def unjudged(self) -> tuple[tuple[Record, str], ...]:
        """Cells that are good on the first side and got no answer, and why; without those that are `worse`."""
        worse = {id(one) for one in self.worse}
        refused = (
            (one.before, str(one.ratio))
            for one in self.cells
            if isinstance(one.ratio, Refusal) and id(one) not in worse and _useless_as(one.before) is None
        )
        absent = f"it isn't on {self.joined.after.name}"
        gone = ((record, absent) for record in self.joined.only_before if _useless_as(record) is None)
        return (*refused, *gone)


def compare(
    joined: Joined, before: Mapping[str, Spread], after: Mapping[str, Spread], same_within: float | None = None
) -> Comparison:
    """An answer for each joined cell; `before` and `after` are the spreads of each side's hosts, by id.

    What differs by no more than the share `same_within` counts as the same (None: the share that the cell's protocol
    has on the first side). A cell all of whose runs were disturbed on a side is undecided.
    """
    spreads = (_used(joined, before, lambda one: one.before), _used(joined, after, lambda one: one.after))
    return Comparison(joined, tuple(_compared(one, joined, *spreads, same_within) for one in joined.joints), spreads)


def _used(
    joined: Joined, spreads: Mapping[str, Spread], side: Callable[[Joint], Sequence[Record]]
) -> Mapping[str, Spread]:
    hosts = dict.fromkeys(side(one)[0].host for one in joined.joints)
    return {host: spreads.get(host, UNMEASURED) for host in hosts}


def _compared(
    joint: Joint,
    joined: Joined,
    spread_before: Mapping[str, Spread],
    spread_after: Mapping[str, Spread],
    same_within: float | None,
) -> Compared:
    before, after = joint.before[0], joint.after[0]
    found = judge(before, spread_before[before.host]), judge(after, spread_after[after.host])
    if joint.same:
        return Compared(before, after, None, findings_before=found[0], findings_after=found[1])
    reasons = _useless(before, after, joined) or other_work(before, after)
    ours, theirs = mean_of(joint.before), mean_of(joint.after)
    if reasons or ours is None or theirs is None:
        return Compared(before, after, Refusal(tuple(reasons)), (), ours, theirs, 0.0, *found)
    shared = shared_half(ours, theirs, spread_before[before.host], spread_after[after.host])
    band = before.protocol.same_within if same_within is None else same_within
    ratio = ratio_of(ours, theirs, shared, band)
    return Compared(before, after, ratio, conditions(before, after), ours, theirs, shared, *found, band)


def _useless(before: Record, after: Record, joined: Joined) -> list[str]:
    """What keeps a record from being compared with any other."""
    ours, theirs = _useless_as(before), _useless_as(after)
    if ours == theirs:
        return [f"it {ours} on both sides"] if ours else []
    return [f"it {why} on {side.name}" for why, side in ((ours, joined.before), (theirs, joined.after)) if why]


def _useless_as(record: Record) -> str | None:
    """What keeps it from being compared, as what is said of it; None where nothing does."""
    if record.counts:
        return unfit(record)
    return unfit(record) or f"was measured {record.executor}, which gives no figure that counts"
