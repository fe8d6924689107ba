"""A cell that ran on the CPU beside an idle GPU."""

from __future__ import annotations

from bench.results.record import Finding, Record

__all__ = ["cpu_only"]


def cpu_only(record: Record) -> tuple[Finding, ...]:
    """`cpu-only`: the machine has an NVIDIA GPU, and TensorFlow didn't use it."""
    device = record.device
    if not record.ok or device.get("kind") != "cpu" or not (device.get("gpu_visible") or device.get("gpu_name")):
        return ()
    name = device.get("gpu_name") or "a GPU"
    return (
        Finding(
            code="cpu-only",
            message=f"ran on the CPU though the machine has {name}: TensorFlow found no CUDA libraries for it "
            "(bench doctor says which)",
        ),
    )
