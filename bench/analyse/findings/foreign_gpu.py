"""A GPU that was not the cell's alone."""

from __future__ import annotations

from collections.abc import Mapping

from bench.analyse.findings.declaration import FindingKind, analyser
from bench.results.record import Finding, Record

__all__ = ["foreign_gpu_process", "foreign_on_gpu"]

FOREIGN_GPU_PROCESS = FindingKind(
    "foreign-gpu-process", "warning", "other processes were on the GPU while the cell was measured"
)


@analyser(FOREIGN_GPU_PROCESS)
def foreign_gpu_process(record: Record) -> tuple[Finding, ...]:
    """`foreign-gpu-process`: other processes computed on the card while the cell was measured, or were ready to."""
    return foreign_on_gpu(record.values)


def foreign_on_gpu(values: Mapping[str, float | None]) -> tuple[Finding, ...]:
    """The same of what instruments saw."""
    count = int(values.get("foreign_gpu_processes") or 0)
    if not count:
        return ()
    held = values.get("foreign_gpu_memory_bytes")
    who = "another process was" if count == 1 else f"{count} other processes were"
    memory = f", with {held / 2**30:.1f} GiB of its memory" if held else ""
    return (
        FOREIGN_GPU_PROCESS.found(
            f"{who} on the GPU while it was measured{memory}: nvidia-smi names them",
        ),
    )
