"""What is otherwise where several devices share a step."""

from __future__ import annotations

from bench.analyse.findings.declaration import FindingKind, analyser
from bench.results.record import Finding, Record

__all__ = ["replicated"]

LOGICAL_DEVICES = FindingKind(
    "logical-devices", "error", "its devices are logical ones of a processor, and share its cores: no scaling of cards"
)
REPLICAS_DIFFER = FindingKind(
    "replicas-differ", "warning", "on several devices it trains other weights than on one, or communicates more"
)


@analyser(LOGICAL_DEVICES, REPLICAS_DIFFER)
def replicated(record: Record) -> tuple[Finding, ...]:
    """`logical-devices`: the devices that share its step are logical ones of one processor. `replicas-differ`: parts of
    its network or optimizer work on each device's share by itself."""
    told = record.replication
    if told is None:
        return ()
    found = []
    if told.logical and len(told.devices) > 1:
        cores = f"its {record.device.cores} cores" if record.device.cores else "its cores"
        message = f"its {len(told.devices)} devices are logical ones of one processor and share {cores}: to try it out"
        found.append(LOGICAL_DEVICES.found(message))
    if told.remarks:
        found.append(REPLICAS_DIFFER.found("; ".join(told.remarks)))
    return tuple(found)
