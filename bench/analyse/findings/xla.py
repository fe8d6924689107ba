"""XLA that wasn't used though it was asked for, or had to compile more than once."""

from __future__ import annotations

from bench.analyse.findings.declaration import FindingKind, analyser
from bench.results.record import Finding, Record

__all__ = ["xla"]

XLA_FELL_BACK = FindingKind("xla-fell-back", "error", "the variant wants XLA, and its steps ran without")
XLA_RECOMPILED = FindingKind("xla-recompiled", "warning", "XLA compiled the step again after the first time")


@analyser(XLA_FELL_BACK, XLA_RECOMPILED)
def xla(record: Record) -> tuple[Finding, ...]:
    """`xla-fell-back`: the variant wants XLA, and its steps ran without. `xla-recompiled`: its step was traced again
    after the first, and XLA compiles every trace anew.

    A step that runs eagerly is traced all the time, and compiled at no time.
    """
    if not record.options.xla:
        return ()
    if record.values.get("xla_ran") == 0:
        message = "its steps ran without XLA: a layer or the network's own code switched it off"
        return (XLA_FELL_BACK.found(message),)
    if record.values.get("retraces"):
        message = "XLA compiled its step again after the first time: batches of differing shapes cause that"
        return (XLA_RECOMPILED.found(message),)
    return ()
