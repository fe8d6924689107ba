"""A cell that shared its process with the harness."""

from __future__ import annotations

from bench.analyse.findings.declaration import FindingKind, analyser
from bench.results.record import Finding, Record

__all__ = ["inline"]

INLINE = FindingKind("inline", "error", "measured in the debugging executor")
REPLAY = FindingKind("replay", "error", "windows recorded before, replayed")


@analyser(INLINE, REPLAY)
def inline(record: Record) -> tuple[Finding, ...]:
    """`inline`: the cell ran in the debugging executor, where earlier cells and the harness itself change its time;
    `replay`: its windows were recorded before."""
    if record.counts or not record.ok:
        return ()
    if record.executor == "replay":
        return (REPLAY.found("windows recorded before, replayed: not a figure that counts"),)
    return (INLINE.found("measured in the debugging executor: not a figure that counts"),)
