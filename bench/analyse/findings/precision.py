"""Numbers of a type that the device isn't made for."""

from __future__ import annotations

from bench.results.record import Finding, Record

__all__ = ["precision_unsuited"]


def precision_unsuited(record: Record) -> tuple[Finding, ...]:
    """`precision-unsuited`: the variant's precision, or a layer's of the network, is one that this device computes
    slowly or only in emulation.

    Variants of such a precision are skipped from the start, so that it is mostly a network's own code that causes it.
    """
    wanted = record.options.precision.removeprefix("mixed_")
    unsuited = record.device.unsuited
    return tuple(
        Finding(code="precision-unsuited", message=f"computes in {kind}: {reason}")
        for kind, reason in unsuited.items()
        if record.ok and (kind == wanted or record.values.get(f"{kind}_layers"))
    )
