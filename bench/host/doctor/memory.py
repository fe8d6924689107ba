"""Is there memory enough, and free?"""

from __future__ import annotations

import resource
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.host.cgroup import memory_limit, memory_taken
from bench.host.doctor.check import Check
from bench.host.doctor.sizes import size
from bench.system.procfs import kernel_sizes

__all__ = ["CELL_BYTES", "SCORE_BYTES", "Memory", "address_space_limit", "memory", "memory_checks"]

CELL_BYTES: Final = int(1.5 * 2**30)
"""What a cell and its parent need at the least: VGG16 of suites/cnn.yaml took 1.1 GiB alone, on two cores."""

SCORE_BYTES: Final = int(7.5 * 2**30)
"""What AI Benchmark's largest test needs: 7.3 GiB on two cores."""


@dataclass(frozen=True)
class Memory:
    """In bytes: what can be had now (None: the system doesn't say), swap, what of that is used, and whether a control
    group allows less than the machine has."""

    free: int | None
    swap: int
    swap_used: int
    limited: bool


def memory(root: Path = Path("/")) -> Memory:
    """What is left of the machine's memory and of what its control group allows, in the file tree at `root`."""
    found = kernel_sizes(root / "proc/meminfo")
    limit, taken = memory_limit(root), memory_taken(root)
    left = [found["MemAvailable"]] if "MemAvailable" in found else []
    left += [int(limit * max(0.0, 1 - taken))] if limit is not None and taken is not None else []
    swap = found.get("SwapTotal", 0)
    return Memory(
        free=min(left, default=None),
        swap=swap,
        swap_used=swap - found.get("SwapFree", swap),
        limited=limit is not None and limit < found.get("MemTotal", limit),
    )


def memory_checks(total: int, now: Memory, address_space: int | None = None) -> Iterator[Check]:
    """Is `total`, what this process may hold, enough, and what is free of it `now`?

    `address_space` is the limit that the shell sets to what a process may map (None: none).
    """
    what = "machine: memory"
    of = ", as the container allows" if now.limited else ""
    free = "" if now.free is None else f", {size(now.free)} free"
    swap = f", {size(now.swap_used)} of {size(now.swap)} swap used" if now.swap else ", no swap"
    text = f"{size(total)}{of}{free}{swap}"
    more = "allow the container more (docker run --memory 16g)" if now.limited else "measure on a machine with more"
    if total < CELL_BYTES:
        yield Check(what, "broken", f"{text}; VGG16 and bench take {size(CELL_BYTES)}", more)
    elif now.free is not None and now.free < CELL_BYTES:
        mend = "ps aux --sort=-rss | head  # shows what takes it: end that"
        yield Check(what, "broken", f"{text}; VGG16 and bench take {size(CELL_BYTES)}", mend)
    elif total < SCORE_BYTES:
        text += f"; AI Benchmark's largest tests take {size(SCORE_BYTES)} and will fail"
        yield Check(what, "limited", text, more)
    else:
        yield Check(what, "fine", text)
    if address_space is not None:
        text = f"a process may map {size(address_space)}, and TensorFlow maps far more than it uses"
        yield Check("machine: address space", "limited", text, "ulimit -v unlimited")


def address_space_limit() -> int | None:
    """Bytes that the shell allows this process to map; None where it sets no limit."""
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    return None if limit == resource.RLIM_INFINITY else limit
