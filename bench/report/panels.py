"""Records in the groups that share a baseline."""

from __future__ import annotations

from collections.abc import Iterable

from bench.analyse.baseline import baselines
from bench.results.record import Record

__all__ = ["by_model", "panels"]


def by_model(records: Iterable[Record]) -> list[Record]:
    """Models together, in each batch size and seed the baseline first, and else the order in which they stand."""
    records = list(records)
    order = {model: place for place, model in enumerate(dict.fromkeys(record.model for record in records))}
    first = {id(record) for record in baselines(records).values()}
    return sorted(records, key=lambda r: (order[r.model], r.batch_size, r.seed, id(r) not in first))


def panels(records: Iterable[Record]) -> dict[str, list[Record]]:
    """The records of each model, batch size and seed, by a title that names the latter two where they vary."""
    records = by_model(records)
    batches, seeds = {r.batch_size for r in records}, {r.seed for r in records}
    found: dict[str, list[Record]] = {}
    for record in records:
        title = record.model
        title += f", batch {record.batch_size}" if len(batches) > 1 else ""
        title += f", seed {record.seed}" if len(seeds) > 1 else ""
        found.setdefault(title, []).append(record)
    return found
