"""What was trained, and could not be kept though the suite asks for it."""

from __future__ import annotations

from bench.analyse.findings.declaration import FindingKind, analyser
from bench.results.record import Finding, Record

__all__ = ["weights_not_kept"]

WEIGHTS_NOT_KEPT = FindingKind("weights-not-kept", "warning", "the suite keeps weights, and these could not be saved")


@analyser(WEIGHTS_NOT_KEPT)
def weights_not_kept(record: Record) -> tuple[Finding, ...]:
    """`weights-not-kept`: saving what was trained failed, for the reason that is told."""
    why = record.absent.get("weights")
    return (WEIGHTS_NOT_KEPT.found(f"its weights could not be kept: {why}"),) if why else ()
