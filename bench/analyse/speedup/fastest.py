"""Which variant of a model is the fastest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.analyse.speedup.standings import Standings
from bench.analyse.stats.ratio import Ratio
from bench.results.record import Record

__all__ = ["Fastest", "fastest"]


@dataclass(frozen=True)
class Fastest:
    """A record, its speed-up, and the records that are no slower as far as is known."""

    record: Record
    ratio: Ratio
    alike: tuple[Record, ...]


def fastest(records: Sequence[Record], baseline: Record, standings: Standings) -> Fastest | None:
    """Of records that share the `baseline`, the one with the highest speed-up; None where none is faster than it."""
    faster = [
        (record, ratio)
        for record in records
        if record is not baseline
        if isinstance(ratio := standings.of(record, baseline).ratio, Ratio) and ratio.verdict == "faster"
    ]
    if not faster:
        return None
    best, ratio = max(faster, key=lambda pair: pair[1].value)
    alike = tuple(
        other for other, _ in faster if other is not best and standings.of(other, best).verdict in ("same", "undecided")
    )
    return Fastest(best, ratio, alike)
