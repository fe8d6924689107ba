"""The time budget ended the measurement before the precision that was wanted."""

from __future__ import annotations

from bench.measure.stats import estimate
from bench.results.record import Finding, Record

__all__ = ["budget"]


def budget(record: Record) -> tuple[Finding, ...]:
    """`budget`: the interval is wider than the protocol asked, because the windows' time was up."""
    found = estimate(record.windows)
    wanted = record.protocol.get("precision")
    if record.stopped_by != "budget" or found is None or not isinstance(wanted, float) or found.margin <= wanted:
        return ()
    return (
        Finding(
            code="budget",
            message=f"its time was up after {found.seconds:.0f} s, with the step time known to "
            f"±{found.margin * 100:.1f} % and not the ±{wanted * 100:.1f} % asked for",
        ),
    )
