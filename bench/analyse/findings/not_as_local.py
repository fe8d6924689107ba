"""A cell on a node of a cluster whose process wasn't what a local run's is."""

from __future__ import annotations

from bench.analyse.findings.declaration import FindingKind, analyser
from bench.results.record import Finding, Record

__all__ = ["not_as_local"]

NOT_AS_LOCAL = FindingKind(
    "not-as-local", "warning", "its process on a Ray node had another niceness or oom_score_adj than a local run's has"
)


@analyser(NOT_AS_LOCAL)
def not_as_local(record: Record) -> tuple[Finding, ...]:
    """`not-as-local`: Ray's workers run at niceness 15 and oom_score_adj 1000, and so would cells there; without the
    right to change that back, the node must be started otherwise."""
    if record.executor != "ray":
        return ()
    found = []
    if niceness := record.environment.get("niceness"):
        mend = "start its node with RAY_worker_niceness=0"
        found.append(f"it ran at niceness {niceness}, behind all that runs at 0: {mend}")
    if adjusted := record.environment.get("oom_score_adj"):
        found.append(f"it ran with oom_score_adj {adjusted}: where memory runs out the kernel ends it before others")
    return tuple(NOT_AS_LOCAL.found(message) for message in found)
