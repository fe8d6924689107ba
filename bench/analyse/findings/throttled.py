"""A GPU or processor that held its clocks back."""

from __future__ import annotations

from collections.abc import Mapping

from bench.analyse.findings.declaration import FindingKind, analyser
from bench.instruments.nvml import reason_names
from bench.results.record import Finding, Record
from bench.system.nvml import SLOWED

__all__ = ["held_back", "throttled"]

_POWER_CAP = 0x4  # nvmlClocksEventReasonSwPowerCap

THROTTLED = FindingKind("throttled", "warning", "the card, or the processor, held its clocks back")
POWER_CAP = FindingKind("power-cap", "hint", "the card ran at its power limit")


@analyser(THROTTLED, POWER_CAP)
def throttled(record: Record) -> tuple[Finding, ...]:
    """`throttled`: the card was slowed by heat or its power supply, or the processor by heat; `power-cap`: the card by
    its power limit, as is normal."""
    return held_back(record.values)


def held_back(values: Mapping[str, float | None]) -> tuple[Finding, ...]:
    """The same of what instruments saw."""
    bits = int(values.get("gpu_throttle_reasons") or 0)
    findings = []
    if values.get("cpu_thermal_throttles"):
        message = "the processor slowed down for being hot while it was measured: cool it and rerun"
        findings.append(THROTTLED.found(message))
    if slowed := reason_names(bits & SLOWED):
        findings.append(THROTTLED.found(f"the GPU held its clocks back ({', '.join(slowed)}): cool it and rerun"))
    if bits & _POWER_CAP:
        findings.append(POWER_CAP.found("the GPU ran at its power limit, as some cards do under any full load"))
    return tuple(findings)
