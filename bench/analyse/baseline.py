"""Which record a record's speed-up is given over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bench.analyse.compare import Ratio, Refusal, speedup
from bench.analyse.judge import judge
from bench.analyse.spread import UNMEASURED, Spread
from bench.measure.stats import estimate_of
from bench.results.query import Identity, identity, when
from bench.results.record import Record

__all__ = ["baselines", "poor_margin", "speedups"]

_POOR = frozenset({"budget", "noisy", "drifting", "few-windows"})

Group = tuple[str, str, str, int, int]


def baselines(records: Iterable[Record]) -> dict[Group, Record]:
    """The baseline of each host, suite, model, batch size and seed.

    Where several records say that they are it (the suite has named another since), the newest is.
    """
    found: dict[Group, Record] = {}
    for record in records:
        key = _group(record)
        if record.baseline and (key not in found or when(record) >= when(found[key])):
            found[key] = record
    return found


def speedups(records: Iterable[Record], spreads: Mapping[str, Spread]) -> dict[Identity, Ratio | Refusal]:
    """Speed-up of each record over the baseline of its own host, suite, model, batch size and seed, by `identity`.

    The records hold each cell once; a baseline itself has no speed-up. `spreads` are by host; one that isn't among
    them counts as unmeasured.
    """
    records = list(records)
    over = baselines(records)
    found: dict[Identity, Ratio | Refusal] = {}
    for record in records:
        baseline = over.get(_group(record))
        if record is baseline:
            continue
        found[identity(record)] = (
            speedup(record, baseline, spreads.get(record.host, UNMEASURED))
            if baseline
            else Refusal(("its baseline was not measured",))
        )
    return found


def poor_margin(baseline: Record) -> float | None:
    """The share to which a baseline's step time is known, where that is worse than asked or open to doubt.

    Every speed-up over it shares that error: None where it is as good as asked, or has no interval.
    """
    found = estimate_of(baseline.timed)
    if found is None:
        return None
    wanted = baseline.protocol.precision
    wide = isinstance(wanted, float) and found.margin > wanted
    return found.margin if wide or any(finding.code in _POOR for finding in judge(baseline)) else None


def _group(record: Record) -> Group:
    return record.host, record.suite, record.model, record.batch_size, record.seed
