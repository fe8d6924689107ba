"""Records in the groups that share a baseline."""

from __future__ import annotations

from collections.abc import Iterable

from bench.analyse.speedup.baseline import baselines
from bench.report.core.row_names import group_titles
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
    groups = [(record.model, record.batch_size, record.seed) for record in records]
    titles = group_titles(groups)
    found: dict[str, list[Record]] = {}
    for group, record in zip(groups, records, strict=True):
        found.setdefault(titles[group], []).append(record)
    return found
