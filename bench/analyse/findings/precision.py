"""Numbers of a type that the device isn't made for, or that the options don't name."""

from __future__ import annotations

from bench.analyse.findings.declaration import FindingKind, analyser
from bench.results.record import Finding, Record

__all__ = ["biases_in_bfloat16", "precision_contradicted", "precision_unsuited"]

_HALF = ("bfloat16", "float16")

PRECISION_UNSUITED = FindingKind(
    "precision-unsuited", "warning", "it computes in a precision that this device computes slowly or emulates"
)
PRECISION_CONTRADICTED = FindingKind(
    "precision-contradicted", "error", "layers compute in another precision than the options name"
)

BIASES_IN_BFLOAT16 = FindingKind(
    "biases-in-bfloat16",
    "warning",
    "a processor sums its biases' gradients in bfloat16, and loses most of many terms",
)


@analyser(BIASES_IN_BFLOAT16)
def biases_in_bfloat16(record: Record) -> tuple[Finding, ...]:
    """`biases-in-bfloat16`: gradients of biases are summed in bfloat16 over more terms than it can count (256):
    TensorFlow 2.21.0 does so on processors, and biases are trained by a fraction of their gradients."""
    note = record.notes.get("bfloat16_layers", "")
    if not record.ok or not note.startswith("biases of"):
        return ()
    hint = "in bfloat16, where 256 + 1 is 256: much of their gradients is lost; xla: true sums them in float32"
    return (BIASES_IN_BFLOAT16.found(f"the {note} {hint}"),)


@analyser(PRECISION_UNSUITED)
def precision_unsuited(record: Record) -> tuple[Finding, ...]:
    """`precision-unsuited`: the variant's precision, or a layer's of the network, is one that this device computes
    slowly or only in emulation.

    Variants of such a precision are skipped from the start, so that it is mostly a network's own code that causes it.
    """
    wanted = record.options.precision.removeprefix("mixed_")
    unsuited = record.device.unsuited
    return tuple(
        PRECISION_UNSUITED.found(f"computes in {kind}: {reason}")
        for kind, reason in unsuited.items()
        if record.ok and (kind == wanted or record.values.get(f"{kind}_layers"))
    )


@analyser(PRECISION_CONTRADICTED)
def precision_contradicted(record: Record) -> tuple[Finding, ...]:
    """`precision-contradicted`: layers compute in a half precision that the options don't name, or none computes in the
    one that they do, as where the network's own code sets a policy of its own."""
    said = record.options.precision
    wanted = said.removeprefix("mixed_")
    counts = {kind: int(record.values.get(f"{kind}_layers") or 0) for kind in ("float32", *_HALF)}
    found = ", ".join(f"{counts[kind]} in {kind}" for kind in counts if counts[kind])
    others = any(counts[kind] for kind in _HALF if kind != wanted)
    if not record.ok or not found or (not others and (wanted not in _HALF or counts[wanted])):
        return ()
    message = f"its layers compute {found}, though its precision is {said}: the network's own code decides that"
    return (PRECISION_CONTRADICTED.found(message),)
