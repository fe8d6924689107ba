"""Ray starts its workers otherwise than a shell starts `bench run`: what of that cells would inherit, and its end.

Ray 2.60 gives workers niceness 15, `oom_score_adj` 1000, OMP_NUM_THREADS and a blocked SIGINT, and all that they start
has them too. A raylet itself has what it was started with: that is what a local run on its node would have.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from bench.system.procfs import kernel_text, processes

__all__ = ["carrier_of", "environment_of_node", "like_a_local_run"]

_OWN_LIBRARY = "libjemalloc.so"
"""Ray loads its own copy into raylets before all else."""
_GPUS = "CUDA_VISIBLE_DEVICES"


def environment_of_node(raylet: int, environ: Mapping[str, str], assigned_gpus: bool) -> dict[str, str]:
    """The environment that the raylet of this process number was started with, without what Ray added to it; `environ`,
    a worker's, where that can't be read. With `assigned_gpus` the worker knows which ones are its own."""
    found = {
        name: value
        for name, equals, value in (
            one.partition("=") for one in kernel_text(Path(f"/proc/{raylet}/environ")).split("\0")
        )
        if equals
    }
    if not found:
        return {name: value for name, value in environ.items() if name != "OMP_NUM_THREADS"}
    libraries = [one for one in found.get("LD_PRELOAD", "").replace(":", " ").split() if _is_not_rays(one)]
    found.pop("LD_PRELOAD", None)
    if libraries:
        found["LD_PRELOAD"] = " ".join(libraries)
    if assigned_gpus and _GPUS in environ:
        found[_GPUS] = environ[_GPUS]
    return found


def like_a_local_run(raylet: int) -> None:
    """Give this process the niceness and `oom_score_adj` of its raylet, as far as it has the right to, and let it hear
    SIGINT."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    with suppress(OSError):
        niceness = os.getpriority(os.PRIO_PROCESS, raylet)
        if niceness < os.getpriority(os.PRIO_PROCESS, 0):
            os.setpriority(os.PRIO_PROCESS, 0, niceness)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(kernel_text(Path(f"/proc/{raylet}/oom_score_adj")).strip() or "0")


def carrier_of(raylet: int) -> int:
    """The process whose descendants are all of Ray's on this node: the raylet, or who started it and lives on, as the
    driver of a cluster of its own does."""
    parent = next((one.parent for one in processes() if one.pid == raylet), 1)
    return raylet if parent <= 1 else parent


def _is_not_rays(library: str) -> bool:
    return not library.endswith(f"ray/core/{_OWN_LIBRARY}")
