"""Which record a record's speed-up is given over."""

from __future__ import annotations

from collections.abc import Iterable

from bench.analyse.findings.budget import budget
from bench.analyse.findings.drifting import drifting
from bench.analyse.findings.few_windows import few_windows
from bench.analyse.findings.noisy import noisy
from bench.instruments.stats import estimate_of
from bench.results.query import when
from bench.results.record import Record

__all__ = ["NetworkKey", "baselines", "by_network", "network_of", "poor_margin"]

_DOUBTS = (budget, noisy, drifting, few_windows)
"""What may be found of a baseline that makes every speed-up over it doubtful."""

NetworkKey = tuple[str, str, str, int, int, str]
"""Host, suite, model, batch size and seed."""


def baselines(records: Iterable[Record]) -> dict[NetworkKey, Record]:
    """The baseline of each host, suite, model, batch size and seed.

    Where several records say that they are it (the suite has named another since), the newest is.
    """
    found: dict[NetworkKey, Record] = {}
    for record in records:
        key = network_of(record)
        if record.baseline and (key not in found or when(record) >= when(found[key])):
            found[key] = record
    return found


def by_network(records: Iterable[Record]) -> dict[NetworkKey, list[Record]]:
    """The records that share a baseline, or would if there were one."""
    groups: dict[NetworkKey, list[Record]] = {}
    for record in records:
        groups.setdefault(network_of(record), []).append(record)
    return groups


def poor_margin(baseline: Record) -> float | None:
    """The share to which a baseline's step time is known, where that is worse than asked or open to doubt.

    Every speed-up over it shares that error: None where it is as good as asked, or has no interval.
    """
    found = estimate_of(baseline.timed)
    if found is None:
        return None
    wanted = baseline.protocol.precision
    wide = isinstance(wanted, float) and found.margin > wanted
    return found.margin if wide or any(ask(baseline) for ask in _DOUBTS) else None


def network_of(record: Record) -> NetworkKey:
    """What records that share a baseline have in common."""
    return record.host, record.suite, record.model, record.batch_size, record.seed, record.team or ""
