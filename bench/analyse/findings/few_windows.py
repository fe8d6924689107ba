"""Too few windows to trust an interval."""

from __future__ import annotations

from bench.analyse.findings.declaration import FindingKind, analyser
from bench.results.record import Finding, Record

__all__ = ["FEW_WINDOWS", "few_windows"]

FEW_WINDOWS = FindingKind("few-windows", "warning", "fewer windows than the protocol wants before precision is judged")


@analyser(FEW_WINDOWS)
def few_windows(record: Record) -> tuple[Finding, ...]:
    """`few-windows`: the cell was measured in fewer windows than its protocol wants before precision is judged."""
    wanted = record.protocol.min_windows
    if not record.ok or not isinstance(wanted, int) or len(record.windows) >= wanted:
        return ()
    return (
        FEW_WINDOWS.found(
            f"fewer windows than the {wanted} wanted fitted into its time: its ± is little more than a guess",
        ),
    )
