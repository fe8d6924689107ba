"""All that records and pairs say of a suite's options, together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench.analyse.options.break_even import BreakEven, break_evens
from bench.analyse.options.effects import OptionEffect, Unmeasured, option_effects, unmeasured
from bench.analyse.options.interactions import Interaction, interactions
from bench.analyse.speedup.standings import Standings
from bench.results.pair import Pair
from bench.results.record import Record

__all__ = ["Gains", "gains"]


@dataclass(frozen=True)
class Gains:
    """What each option gives, alone held against in company, what isn't known of it, and when its price comes back.

    What differs by no more than the share `same_within` counts as the same.
    """

    effects: tuple[OptionEffect, ...]
    interactions: tuple[Interaction, ...]
    unmeasured: tuple[Unmeasured, ...]
    break_evens: tuple[BreakEven, ...]
    same_within: float


def gains(records: Sequence[Record], pairs: Iterable[Pair], standings: Standings) -> Gains:
    """Those of the newest records of one suite's cells on one host, which are among the `standings`, and its pairs.

    `pairs` may be of other suites and hosts too: those are passed over.
    """
    if not records:
        return Gains((), (), (), (), 0.0)
    here = {(record.host, record.suite, record.team) for record in records}
    own = [pair for pair in pairs if (pair.host, pair.suite, pair.team) in here]
    effects = option_effects(records, own, standings)
    unknown = tuple(unmeasured(records, own, effects))
    return Gains(
        effects,
        interactions(effects),
        unknown,
        tuple(break_evens(effects, unknown, records, standings)),
        max(record.protocol.same_within for record in records),
    )
