"""What a container or a batch system allows, read from Linux control groups, version 1 and 2."""

from __future__ import annotations

import contextlib
from pathlib import Path

from bench.system.procfs import control_groups

__all__ = ["cpu_quota", "memory_limit", "memory_taken"]

_UNLIMITED = 2**60  # version 1 writes "no limit" as the largest page-aligned number


def cpu_quota(root: Path = Path("/")) -> float | None:
    """Processors' worth of time that this process may use, such as 1.5; None where nothing limits it."""
    quotas = []
    for folder in control_groups("cpu", root):
        words = _words(folder / "cpu.max")
        if not words:
            words = _words(folder / "cpu.cfs_quota_us") + _words(folder / "cpu.cfs_period_us")
        with contextlib.suppress(ValueError):  # "max" is no number
            quota, period = map(int, words)
            if quota > 0 and period > 0:
                quotas.append(quota / period)
    return min(quotas, default=None)


def memory_limit(root: Path = Path("/")) -> int | None:
    """Bytes of main memory that this process's group may hold; None where nothing limits it."""
    limits = []
    for folder in control_groups("memory", root):
        for name in ("memory.max", "memory.limit_in_bytes"):
            with contextlib.suppress(ValueError):
                limits += [limit for limit in map(int, _words(folder / name)) if 0 < limit < _UNLIMITED]
    return min(limits, default=None)


def memory_taken(root: Path = Path("/")) -> float | None:
    """How much (0..1) of what this process's group, or one above it, may hold of main memory is taken: the fullest.

    Pages of files that nobody has looked at lately are given back for the asking, and so don't count. None where
    nothing limits it.
    """
    shares = []
    for folder in control_groups("memory", root):
        counts = _words(folder / "memory.stat")
        counted = dict(zip(counts[::2], counts[1::2], strict=False))
        with contextlib.suppress(ValueError, IndexError):
            limit = int((_words(folder / "memory.max") or _words(folder / "memory.limit_in_bytes"))[0])
            used = int((_words(folder / "memory.current") or _words(folder / "memory.usage_in_bytes"))[0])
            spare = int(counted.get("total_inactive_file") or counted.get("inactive_file") or 0)
            if 0 < limit < _UNLIMITED:
                shares.append(max(0, used - spare) / limit)
    return max(shares, default=None)


def _words(path: Path) -> list[str]:
    try:
        return path.read_text().split()
    except OSError:
        return []
