"""Accuracy on synthetic data says nothing about real data."""

from __future__ import annotations

from bench.analyse.findings.declaration import FindingKind, analyser
from bench.results.record import Finding, Record

__all__ = ["SYNTHETIC_DATA", "synthetic_data"]

SYNTHETIC_DATA = FindingKind("synthetic-data", "hint", "images were made from a seed: times hold, accuracies do not")


@analyser(SYNTHETIC_DATA)
def synthetic_data(record: Record) -> tuple[Finding, ...]:
    """`synthetic-data`: the cell was fed images made from a seed."""
    data = record.data
    if data is None or not data.synthetic:
        return ()
    message = (
        f"synthetic images stand in for {data.requested}" if data.requested != data.name else "images are synthetic"
    )
    message += ": times hold, accuracies don't" + (f"; {data.reason}" if data.reason else "")
    return (SYNTHETIC_DATA.found(message),)
