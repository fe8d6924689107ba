"""A GPU that held its clocks back."""

from __future__ import annotations

from bench.results.record import Finding, Record

__all__ = ["throttled"]

# NVML's clock event reasons: nvmlClocksEventReason* in nvml.h
_SLOWED = {
    0x8: "hardware slowdown",
    0x20: "software thermal slowdown",
    0x40: "hardware thermal slowdown",
    0x80: "power brake",
}
_POWER_CAP = 0x4


def throttled(record: Record) -> tuple[Finding, ...]:
    """`throttled`: the card was slowed by heat or its power supply; `power-cap`: by its power limit, as is normal."""
    value = record.values.get("gpu_throttle_reasons")
    if value is None:
        return ()
    bits = int(value)
    reasons = [name for bit, name in _SLOWED.items() if bits & bit]
    findings = []
    if reasons:
        findings.append(
            Finding(code="throttled", message=f"the GPU held its clocks back ({', '.join(reasons)}): cool it and rerun")
        )
    if bits & _POWER_CAP:
        findings.append(
            Finding(code="power-cap", message="the GPU ran at its power limit, as some cards do under any full load")
        )
    return tuple(findings)
