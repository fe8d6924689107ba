"""Labels that may not be meant as they are."""

from __future__ import annotations

from bench.analyse.findings.declaration import FindingKind, analyser
from bench.results.record import Finding, Record

__all__ = ["doubtful_data"]

DOUBTFUL_DATA = FindingKind(
    "doubtful-data", "warning", "labels that begin above 0, lie far apart, or were never trained on"
)


@analyser(DOUBTFUL_DATA)
def doubtful_data(record: Record) -> tuple[Finding, ...]:
    """`doubtful-data`: what was said of the labels of a data set of the user's own as it was read."""
    return tuple(DOUBTFUL_DATA.found(doubt) for doubt in (record.data.doubts if record.data else ()))
