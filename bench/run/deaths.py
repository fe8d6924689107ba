"""How a process ended that gave no result."""

from __future__ import annotations

import signal
from pathlib import Path

from bench.run.job import Outcome

__all__ = ["death", "kernel_kills", "lost"]


def death(stage: str, status: int, kernel_kills: int) -> Outcome:
    """The outcome of a cell whose process ended with `status` while the kernel killed so many for want of memory."""
    why = lost(status, kernel_kills)
    return Outcome("out_of_memory" if _for_want_of_memory(status, kernel_kills) else "crashed", stage, why)


def lost(status: int, kernel_kills: int) -> str:
    """The same in words."""
    how = _how_it_ended(status)
    if _for_want_of_memory(status, kernel_kills):
        return f"{how} by the kernel: this machine's memory was used up"
    return f"its process ended without a result: {how}"


def _for_want_of_memory(status: int, kernel_kills: int) -> bool:
    return status == -signal.SIGKILL and kernel_kills > 0


def _how_it_ended(status: int) -> str:
    """An exit status, or -N where signal N killed it, in words."""
    if status >= 0:
        return f"exit status {status}"
    names = {one.value: one.name for one in signal.Signals}
    return f"killed by {names.get(-status, f'signal {-status}')}"


def kernel_kills() -> int:
    """How many processes the kernel has killed for want of memory since it booted; 0 where it doesn't say."""
    try:
        lines = Path("/proc/vmstat").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)
