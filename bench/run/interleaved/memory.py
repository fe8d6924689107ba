"""Is there memory for one more process beside those that live?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.host.cgroup import memory_limit, memory_taken
from bench.system.nvml import open_nvml
from bench.system.procfs import kernel_sizes

__all__ = ["fits_in_memory", "room_for_another"]

_MORE = 1.5
"""The next one may take so many times what the largest has."""
_KNOWN_MORE = 1.1
"""And so many times what it had before."""
_SPARED = 0.1
"""This share of all memory stays free."""


def room_for_another(pids: Sequence[int], gpu: bool, root: Path = Path("/")) -> bool:
    """Would one like the largest of the processes `pids` find memory too, on the first GPU as well where they use it?

    Where the system doesn't say, there is.
    """
    peaks = [peak for pid in pids if (peak := kernel_sizes(root / f"proc/{pid}/status").get("VmHWM")) is not None]
    free = _free(root)
    if peaks and free is not None and free < _MORE * max(peaks):
        return False
    return not gpu or _room_on_gpu(pids)


def fits_in_memory(processes: int, bytes_each: float | None, gpu: bool, root: Path = Path("/")) -> bool:
    """Is there memory for so many processes that hold as much each? No where that isn't known, as on a GPU."""
    free = _free(root)
    return not gpu and bytes_each is not None and free is not None and free >= _KNOWN_MORE * processes * bytes_each


def _free(root: Path) -> float | None:
    """Bytes that may still be taken of the machine's memory and of the container's."""
    meminfo = kernel_sizes(root / "proc/meminfo")
    available, total = meminfo.get("MemAvailable"), meminfo.get("MemTotal")
    found = [] if available is None or total is None else [available - _SPARED * total]
    limit, taken = memory_limit(root), memory_taken(root)
    if limit is not None and taken is not None:
        found.append((1 - _SPARED - taken) * limit)
    return min(found, default=None)


def _room_on_gpu(pids: Sequence[int]) -> bool:
    with open_nvml() as nvml:
        device = nvml.chosen().value
        if device is None:
            return True
        total, used, processes = device.memory_total_bytes(), device.memory_used_bytes(), device.processes()
    if total.value is None or used.value is None:
        return True
    own = [one.memory_bytes for one in processes.value or () if one.pid in pids and one.memory_bytes is not None]
    # a container may not see whose memory it is: then all of it is taken for theirs
    largest = max(own) if own else used.value / max(1, len(pids))
    return total.value * (1 - _SPARED) - used.value >= _MORE * largest
