"""Which variant of a model is the fastest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.analyse.compare import Ratio, Refusal, speedup
from bench.analyse.spread import Spread
from bench.results.query import Identity, identity
from bench.results.record import Record

__all__ = ["Fastest", "fastest"]


@dataclass(frozen=True)
class Fastest:
    """A record, its speed-up, and the records whose step times are not distinguishable from its own."""

    record: Record
    ratio: Ratio
    alike: tuple[Record, ...]


def fastest(records: Sequence[Record], ratios: Mapping[Identity, Ratio | Refusal], spread: Spread) -> Fastest | None:
    """Of records that share a baseline, the one with the highest speed-up; None where none is faster than it.

    `ratios` are their speed-ups, as `bench.analyse.baseline.speedups` gives them; `spread` is their host's.
    """
    faster = [
        (record, ratio)
        for record in records
        if isinstance(ratio := ratios.get(identity(record)), Ratio) and ratio.verdict == "faster"
    ]
    if not faster:
        return None
    best, ratio = max(faster, key=lambda pair: pair[1].value)
    compared = ((other, speedup(other, best, spread)) for other, _ in faster if other is not best)
    alike = tuple(
        other for other, found in compared if isinstance(found, Ratio) and found.verdict == "not distinguishable"
    )
    return Fastest(best, ratio, alike)
