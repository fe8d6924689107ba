"""Too few windows to trust an interval."""

from __future__ import annotations

from bench.results.record import Finding, Record

__all__ = ["few_windows"]


def few_windows(record: Record) -> tuple[Finding, ...]:
    """`few-windows`: the cell was measured in fewer windows than its protocol wants before precision is judged."""
    wanted = record.protocol.min_windows
    if not record.ok or not isinstance(wanted, int) or len(record.windows) >= wanted:
        return ()
    return (
        Finding(
            code="few-windows",
            message=f"fewer windows than the {wanted} wanted fitted into its time: its ± is little more than a guess",
        ),
    )
