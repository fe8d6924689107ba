"""Ends what a process has started, and what that has started, in sessions of their own too.

The kernel hands a process whose parent has gone to the nearest ancestor that adopts: so whoever adopts, and kills its
children until it has none, leaves no descendant, however deep, and touches no process but its own.
"""

from __future__ import annotations

import ctypes
import os
import signal
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress

from bench.system.procfs import processes

__all__ = ["adopt", "die_with_parent", "dying_with_parent", "end_children"]

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36  # linux/prctl.h
_PATIENCE_SECONDS = 10.0
"""A process dies at once, or never: one that waits for a disk that has gone, or belongs to another user."""
_LOOK_SECONDS = 0.005


def adopt() -> None:
    """Become the parent of every descendant that loses its own. Forked children don't inherit this."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent(parent: int) -> None:
    """Let this process be killed when the process `parent`, which forked it, ends; at once if it has ended already."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


@contextmanager
def dying_with_parent(parent: int) -> Iterator[None]:
    """The same, for as long as the block lasts."""
    die_with_parent(parent)
    yield
    _prctl(_PR_SET_PDEATHSIG, 0)


def end_children(spared: Collection[int] = (), patience_seconds: float = _PATIENCE_SECONDS) -> frozenset[int]:
    """Kill the children of this process, and all descendants that it adopts thereby, but for those `spared`.

    Returns those that could not be ended in time. Costs a look at every process of the machine for each generation of
    descendants, and next to nothing where there is no child at all.
    """
    deadline = time.monotonic() + patience_seconds
    while _has_children(spared):
        found = {one.pid for one in processes() if one.parent == os.getpid()}.difference(spared)
        if not found:
            break
        # none of them can be another process by now: their numbers are ours until we have waited for them
        for pid in found:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        left = {pid for pid in found if not _collected(pid)}
        if left and time.monotonic() > deadline:
            return frozenset(left)
        if left:
            time.sleep(_LOOK_SECONDS)
    return frozenset()


def _has_children(spared: Collection[int]) -> bool:
    if spared:
        return True  # the kernel tells of any child, and not of any other
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _collected(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
