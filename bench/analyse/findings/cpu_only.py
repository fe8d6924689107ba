"""A cell that ran on the CPU beside an idle GPU."""

from __future__ import annotations

from bench.analyse.findings.declaration import FindingKind, analyser
from bench.results.record import Finding, Record

__all__ = ["cpu_only"]

CPU_ONLY = FindingKind("cpu-only", "error", "the machine has an NVIDIA GPU, and TensorFlow did not use it")


@analyser(CPU_ONLY)
def cpu_only(record: Record) -> tuple[Finding, ...]:
    """`cpu-only`: the machine has an NVIDIA GPU, and TensorFlow didn't use it."""
    unused = record.device.gpu_unused
    if not record.ok or not unused:
        return ()
    return (
        CPU_ONLY.found(
            f"ran on the CPU, as TensorFlow did not use the {unused}: bench doctor says why",
        ),
    )
