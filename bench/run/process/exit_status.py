"""How a process ended that gave no result."""

from __future__ import annotations

import signal
from pathlib import Path

from bench.run.job import Outcome
from bench.run.process.forkserver import Child, ServerError

__all__ = ["death", "kernel_kills", "lost"]


def death(stage: str, child: Child, kills_before: int) -> Outcome:
    """The outcome of a cell whose process was lost; `kills_before` are the kernel's from before it began."""
    out_of_memory, why = _end(child, kills_before)
    return Outcome("out_of_memory" if out_of_memory else "crashed", stage, why)


def lost(child: Child, kills_before: int) -> str:
    """The same in words."""
    return _end(child, kills_before)[1]


def _end(child: Child, kills_before: int) -> tuple[bool, str]:
    """Did it end for want of memory; and how, in words."""
    try:
        status, whose = child.wait(), "its process"
    except ServerError as error:
        status, whose = error.status, "the server of processes, and with it its process,"
    out_of_memory = status == -signal.SIGKILL and kernel_kills() > kills_before
    if status is None:
        return False, f"{whose} closed its connection without a result"
    if out_of_memory:
        return True, f"{whose} was killed by the kernel: this machine's memory was used up"
    return False, f"{whose} ended without a result: {_how_it_ended(status)}"


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
