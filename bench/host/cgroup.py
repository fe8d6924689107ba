"""What a container or a batch system allows, read from Linux control groups, version 1 and 2."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

__all__ = ["cpu_quota", "memory_limit"]

_UNLIMITED = 2**60  # version 1 writes "no limit" as the largest page-aligned number


def cpu_quota(root: Path = Path("/")) -> float | None:
    """Processors' worth of time that this process may use, such as 1.5; None where nothing limits it."""
    quotas = []
    for folder in _folders(root, "cpu"):
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
    for folder in _folders(root, "memory"):
        for name in ("memory.max", "memory.limit_in_bytes"):
            with contextlib.suppress(ValueError):
                limits += [limit for limit in map(int, _words(folder / name)) if 0 < limit < _UNLIMITED]
    return min(limits, default=None)


def _folders(root: Path, controller: str) -> Iterator[Path]:
    """The folders of this process's group and of all groups above it, any of which may set a limit."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, group = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        base = root / "sys/fs/cgroup" / (controller if controllers else "")
        path = PurePosixPath(group.lstrip("/"))
        if ".." in path.parts:  # a group outside of this namespace: only the top can be seen
            path = PurePosixPath()
        yield from (base / folder for folder in (path, *path.parents))


def _words(path: Path) -> list[str]:
    try:
        return path.read_text().split()
    except OSError:
        return []
