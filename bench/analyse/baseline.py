"""Which record a record's speed-up is given over."""

from __future__ import annotations

from collections.abc import Iterable

from bench.analyse.compare import Ratio, Refusal, speedup
from bench.results.record import Record

__all__ = ["speedups"]


def speedups(records: Iterable[Record]) -> dict[str, Ratio | Refusal]:
    """Speed-up of each record over the baseline variant of its own host, suite, model, batch size and seed, by cell.

    The records are of one host and suite, and hold each cell once; a baseline itself has no speed-up. Where several
    records say that they are the baseline (the suite has named another since), the last of them is.
    """
    records = list(records)
    baselines = {_key(record): record for record in records if record.baseline}
    found: dict[str, Ratio | Refusal] = {}
    for record in records:
        baseline = baselines.get(_key(record))
        if record is baseline:
            continue
        found[record.cell] = speedup(record, baseline) if baseline else Refusal(("its baseline was not measured",))
    return found


def _key(record: Record) -> tuple[str, str, str, int, int]:
    return record.host, record.suite, record.model, record.batch_size, record.seed
