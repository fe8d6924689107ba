"""A step that was traced more than once."""

from __future__ import annotations

from bench.results.record import Finding, Record

__all__ = ["retraced"]


def retraced(record: Record) -> tuple[Finding, ...]:
    """`retraced`: the training step was traced again after its first, which costs seconds each time."""
    again = record.values.get("retraces")
    if not again:
        return ()
    return (
        Finding(
            code="retraced",
            message=f"its step was traced {again:.0f} times more after the first: a batch of another shape does that",
        ),
    )
