"""A network whose loss is no number."""

from __future__ import annotations

from bench.analyse.findings.declaration import FindingKind, analyser
from bench.results.record import Finding, Record

__all__ = ["diverged"]

DIVERGED = FindingKind("diverged", "error", "the loss became infinite or no number: its steps computed nothing of use")

_HINT = "look at what it predicts"
_HINTS = {
    "mixed_float16": "a step that overflows is skipped, and what BatchNormalization took from its batch stays; scale "
    "the inputs, or take mixed_bfloat16"
}


@analyser(DIVERGED)
def diverged(record: Record) -> tuple[Finding, ...]:
    """`diverged`: the loss of the steps that were timed is no finite number, or that of held-out examples is."""
    if not record.ok:
        return ()
    if record.values.get("loss") is None:
        why = record.absent.get("loss", "")
        if why.startswith(("loss became", "training diverged")):
            return (DIVERGED.found(f"its {why}: lower the learning rate, or look at its outputs and labels"),)
    why = record.absent.get("held_out_accuracy", "")
    if why.startswith("loss became"):
        return (DIVERGED.found(f"its {why}: {_HINTS.get(record.options.precision, _HINT)}"),)
    return ()
