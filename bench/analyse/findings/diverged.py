"""A training whose loss is no number."""

from __future__ import annotations

from bench.analyse.findings.declaration import FindingKind, analyser
from bench.results.record import Finding, Record

__all__ = ["diverged"]

DIVERGED = FindingKind("diverged", "error", "the loss became infinite or no number: its steps computed nothing of use")


@analyser(DIVERGED)
def diverged(record: Record) -> tuple[Finding, ...]:
    """`diverged`: the loss of the steps that were timed is no finite number."""
    why = record.absent.get("loss", "")
    if (
        not record.ok
        or record.values.get("loss") is not None
        or not why.startswith(("loss became", "training diverged"))
    ):
        return ()
    return (DIVERGED.found(f"its {why}: lower the learning rate, or look at its outputs and labels"),)
