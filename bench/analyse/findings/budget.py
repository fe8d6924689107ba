"""The time budget ended the measurement before the precision that was wanted."""

from __future__ import annotations

from bench.analyse.findings.declaration import FindingKind, analyser
from bench.analyse.findings.few_windows import few_windows
from bench.instruments.stats import estimate_of
from bench.results.record import Finding, Record

__all__ = ["budget"]

BUDGET = FindingKind("budget", "warning", "time budget ran out before the interval was as narrow as the protocol asked")


@analyser(BUDGET)
def budget(record: Record) -> tuple[Finding, ...]:
    """`budget`: the interval is wider than the protocol asked, because the windows' time budget ran out.

    Silent where `few-windows` says it already.
    """
    found = estimate_of(record.timed)
    wanted = record.protocol.precision
    if record.stopped_by != "budget" or found is None or not isinstance(wanted, float) or found.margin <= wanted:
        return ()
    if few_windows(record):
        return ()
    return (BUDGET.found(f"time budget ran out before ±{wanted * 100:g} % precision"),)
