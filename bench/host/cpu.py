"""The processor and main memory, as far as this process may use them."""

from __future__ import annotations

import math
import os
import platform
from pathlib import Path

from bench.host.cgroup import cpu_quota, memory_limit

__all__ = ["all_cpu_flags", "cpu_flags", "cpu_name", "memory_bytes", "usable_cores"]

_FLAGS = ("avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_tile", "amx_int8", "amx_bf16")
_ARM_FLAGS = ("asimd", "bf16", "sve", "sve2")


def cpu_name(root: Path = Path("/")) -> str:
    """The processor's model, or its architecture where the system doesn't name the model (Arm)."""
    return _cpuinfo(root, "model name") or platform.processor() or platform.machine() or "unknown CPU"


def cpu_flags(root: Path = Path("/")) -> tuple[str, ...]:
    """Those of the processor's instruction sets that matter to TensorFlow's speed, by their Linux names."""
    present = all_cpu_flags(root)
    return tuple(flag for flag in _FLAGS + _ARM_FLAGS if flag in present)


def all_cpu_flags(root: Path = Path("/")) -> frozenset[str]:
    """All of the processor's instruction sets by their Linux names; none where the system doesn't say."""
    return frozenset((_cpuinfo(root, "flags") or _cpuinfo(root, "Features")).split())


def usable_cores(root: Path = Path("/")) -> int:
    """Processors that this process may run on: its affinity, and the quota of its control group rounded up."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = cpu_quota(root)
    return allowed if quota is None else max(1, min(allowed, math.ceil(quota)))


def memory_bytes(root: Path = Path("/")) -> int:
    """Main memory in bytes, or what its control group leaves this process of it."""
    physical = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min(physical, memory_limit(root) or physical)


def _cpuinfo(root: Path, key: str) -> str:
    try:
        with (root / "proc/cpuinfo").open(errors="replace") as lines:
            for line in lines:
                name, _, value = line.partition(":")
                if name.strip() == key:
                    return " ".join(value.split())
    except OSError:
        pass
    return ""
