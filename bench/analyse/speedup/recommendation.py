"""What to change: for each network, the options that made its steps surely faster and leave what it learns as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.analyse.speedup.baseline import baselines, by_network
from bench.analyse.speedup.fastest import fastest
from bench.analyse.speedup.standings import Standings
from bench.analyse.stats.ratio import Ratio
from bench.results.query import identity
from bench.results.record import Record

__all__ = ["Recommendation", "recommendations"]

_SAME_TASK = frozenset(
    {
        "source",
        "pixels",
        "cache",
        "map",
        "prefetch",
        "precision",
        "xla",
        "steps_per_execution",
        "threads",
        "pipeline_threads",
        "autotune_ram_mib",
        "tf32",
        "env",
    }
)
"""Options that change how the same batches are trained on. Others, such as augmentation, the images' size or the order
of the images, change what is learnt, and no speed makes up for that unasked."""


@dataclass(frozen=True)
class Recommendation:
    """Set `changes`, from options to values, and the record's network trains `ratio` times as fast as its baseline."""

    record: Record
    baseline: Record
    ratio: Ratio
    changes: Mapping[str, Any]


def recommendations(records: Sequence[Record], standings: Standings) -> Iterator[Recommendation]:
    """One for each network, batch size and seed where a variant is faster than its baseline, of one suite on one host.

    Of variants that can't be distinguished from the fastest, the one that changes the fewest options.
    """
    over = baselines(records)
    for key, group in by_network(records).items():
        baseline = over.get(key)
        if baseline is None:
            continue
        changes = {identity(record): _changes(record, baseline) for record in group}
        # one that settled to the baseline's own options has nothing to tell, whatever luck made of it
        task = [
            record for record in group if changes[identity(record)] and changes[identity(record)].keys() <= _SAME_TASK
        ]
        best = fastest(task, baseline, standings)
        if best is None:
            continue
        chosen = min((best.record, *best.alike), key=lambda one: len(changes[identity(one)]))
        ratio = standings.of(chosen, baseline).ratio
        if isinstance(ratio, Ratio):
            yield Recommendation(chosen, baseline, ratio, changes[identity(chosen)])


def _changes(record: Record, baseline: Record) -> dict[str, Any]:
    ours, theirs = record.options.complete, baseline.options.complete
    return {name: value for name, value in ours.items() if value != theirs.get(name)}
