"""Accuracy on synthetic data says nothing about real data."""

from __future__ import annotations

from bench.results.record import Finding, Record

__all__ = ["synthetic_data"]


def synthetic_data(record: Record) -> tuple[Finding, ...]:
    """`synthetic-data`: the cell was fed images made from a seed."""
    data = record.data
    if data is None or not data.synthetic:
        return ()
    message = (
        f"synthetic images stand in for {data.requested}" if data.requested != data.name else "images are synthetic"
    )
    message += ": times hold, accuracies don't" + (f"; {data.reason}" if data.reason else "")
    return (Finding(code="synthetic-data", message=message),)
