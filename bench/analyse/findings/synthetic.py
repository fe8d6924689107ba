"""Accuracy on synthetic data says nothing about real data."""

from __future__ import annotations

from bench.results.record import Finding, Record

__all__ = ["synthetic_data"]


def synthetic_data(record: Record) -> tuple[Finding, ...]:
    """`synthetic-data`: the cell was fed images made from a seed."""
    data = record.data
    if data is None or not data.synthetic:
        return ()
    because = "" if data.requested == data.name else f" in place of {data.requested}"
    because += f" ({data.reason})" if data.reason else ""
    return (
        Finding(
            code="synthetic-data",
            message=f"trained on synthetic images{because}: its times hold, its accuracy says nothing about real data",
        ),
    )
