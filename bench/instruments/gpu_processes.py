"""The measured process on a GPU, and which ones are not it, as far as the driver lets one tell."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bench.system.nvml import GpuProcess, Reading

__all__ = ["foreign", "process_memory"]

Listing = Reading[tuple[GpuProcess, ...]]

_HIDDEN = "NVML does not see the cell's process, and so can't tell others from it (containers and WSL hide it)"


def foreign(
    pid: int | None, before: Listing, during: Sequence[Listing], beside: Collection[int] = ()
) -> Reading[tuple[GpuProcess, ...]]:
    """The processes other than the cell's, `pid`, that computed on the GPU during its windows.

    Those `beside` it, which take turns with it, are not foreign either.

    Where the cell's own process is listed, every other one that was is foreign. Where it isn't, the driver hides
    processes or numbers them otherwise than this container does, and the cell may be any of those listed: then only
    those are foreign that were on the card `before` the cell was started already, and where there is none it can't be
    told. So what is found here is there; what a container hides is not found.
    """
    seen = [listing.value for listing in during if listing.value is not None]
    if not seen:
        return Reading(None, during[-1].reason if during else "the cell did not come to its windows")
    # what a process holds grows: its last look is kept
    listed = {one.pid: one for listing in seen for one in listing}
    ours = {pid, *beside}
    if ours & set(listed):
        return Reading(tuple(one for one in listed.values() if one.pid not in ours))
    known = {one.pid for one in before.value or ()}
    found = tuple(one for one in listed.values() if one.pid in known)
    return Reading(found) if found else Reading(None, _HIDDEN)


def process_memory(listing: Listing, pid: int) -> Reading[int]:
    """GPU memory of the process `pid`. Containers and WSL often hide processes, or number them otherwise."""
    if listing.value is None:
        return Reading(None, listing.reason)
    for process in listing.value:
        if process.pid == pid:
            used = process.memory_bytes
            return Reading(None, "NVML does not give a process's memory here") if used is None else Reading(used)
    return Reading(None, "NVML does not see the process (containers and WSL hide it)")
