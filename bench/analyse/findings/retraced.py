"""A step that was traced more than once."""

from __future__ import annotations

from bench.analyse.findings.declaration import FindingKind, analyser
from bench.results.record import Finding, Record

__all__ = ["retraced"]

RETRACED = FindingKind("retraced", "warning", "the training step was traced again after its first")


@analyser(RETRACED)
def retraced(record: Record) -> tuple[Finding, ...]:
    """`retraced`: the training step was traced again after its first, which costs seconds each time.

    Silent under XLA, where `xla-recompiled` and `xla-fell-back` say more.
    """
    if not record.values.get("retraces") or record.options.xla:
        return ()
    return (
        RETRACED.found(
            "its step was traced again after the first time, which takes seconds: batches of differing shapes "
            "cause that, or code that makes TensorFlow run eagerly",
        ),
    )
