"""What Linux tells everyone of its processors, processes and control groups, under /proc and /sys.

Every reader takes the `root` of a file tree, so that a tree of files can stand for another machine.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bench.system.nvml import Reading

__all__ = [
    "CpuTimes",
    "Process",
    "control_groups",
    "cpu_times",
    "family",
    "kernel_sizes",
    "kernel_text",
    "processes",
    "throttled_seconds",
    "usable_cpus",
]

_TICKS = os.sysconf("SC_CLK_TCK")
_THROTTLED = {"throttled_usec": 1e-6, "throttled_time": 1e-9}  # control groups of version 2 and 1


@dataclass(frozen=True)
class CpuTimes:
    """Seconds that processors spent `busy`, whoever with, `idle`, and `stolen` by the hypervisor, added up."""

    busy: float
    idle: float
    stolen: float

    @property
    def total(self) -> float:
        return self.busy + self.idle + self.stolen

    def plus(self, more: CpuTimes) -> CpuTimes:
        return CpuTimes(self.busy + more.busy, self.idle + more.idle, self.stolen + more.stolen)

    def since(self, before: CpuTimes) -> CpuTimes:
        """What was spent since `before`; a counter that went back, as idle ones of some kernels do, spent nothing."""
        return CpuTimes(
            max(0.0, self.busy - before.busy),
            max(0.0, self.idle - before.idle),
            max(0.0, self.stolen - before.stolen),
        )


@dataclass(frozen=True)
class Process:
    """A process: the processor time that its threads took, and what children took that it has waited for."""

    pid: int
    name: str
    parent: int
    session: int
    seconds: float
    reaped_seconds: float


def kernel_text(path: Path) -> str:
    """What a file of the kernel's says; empty where it isn't there or can't be read."""
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


def kernel_sizes(path: Path) -> dict[str, int]:
    """Bytes by name, as a file of the kernel's lists them: `MemTotal:  16384 kB`. Other lines are left out."""
    found = {}
    for line in kernel_text(path).splitlines():
        name, _, size = line.partition(":")
        words = size.split()
        if len(words) == 2 and words[1] == "kB" and words[0].isdecimal():
            found[name] = int(words[0]) * 1024
    return found


def usable_cpus() -> frozenset[int]:
    """The numbers of the processors that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return frozenset(os.sched_getaffinity(0))
    return frozenset(range(os.cpu_count() or 1))


def cpu_times(cpus: Collection[int], root: Path = Path("/")) -> Reading[CpuTimes]:
    """What the processors of these numbers have spent since the machine was started.

    Absent where the kernel doesn't say, and where lxcfs stands before it: that shows the container's own share alone.
    """
    try:
        mounts = (root / "proc/self/mountinfo").read_text(errors="replace")
    except OSError:
        mounts = ""
    if any(" /proc/stat " in line and "lxcfs" in line for line in mounts.splitlines()):
        return Reading(None, "this container sees its own processor time alone (lxcfs)")
    found = {}
    try:
        with (root / "proc/stat").open() as lines:
            for line in lines:
                name, *words = line.split()
                if not name.startswith("cpu"):
                    break  # processors come first, and what follows is long
                if name != "cpu":
                    found[int(name[3:])] = [int(word) / _TICKS for word in words]
    except (OSError, ValueError):
        return Reading(None, "this system has no /proc/stat")
    if not set(cpus) <= set(found):
        return Reading(None, "/proc/stat does not show the processors that may be used")
    # user (a guest's included), nice, system, idle, iowait, irq, softirq, steal: proc(5)
    rows = [(found[cpu] + [0.0] * 8)[:8] for cpu in cpus]
    user, nice, system, idle, waiting, irq, softirq, stolen = (sum(column) for column in zip(*rows, strict=True))
    times = CpuTimes(user + nice + system + irq + softirq, idle + waiting, stolen)
    return Reading(times) if times.total > 0 else Reading(None, "this kernel keeps no processor times (gVisor)")


def processes(root: Path = Path("/")) -> Iterator[Process]:
    """Every process that can be seen. One that ends meanwhile is left out."""
    for folder in (root / "proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            head, _, tail = (folder / "stat").read_text(errors="replace").rpartition(")")
            fields = tail.split()  # from proc(5)'s third field on, since a name may hold anything
            times = [int(word) / _TICKS for word in fields[11:15]]
            yield Process(
                pid=int(folder.name),
                name=head.partition("(")[2],
                parent=int(fields[1]),
                session=int(fields[3]),
                seconds=times[0] + times[1],
                reaped_seconds=times[2] + times[3],
            )


def family(pid: int | None, seen: Mapping[int, Process]) -> dict[int, Process]:
    """Of the processes seen, by their numbers: `pid`, the session that it leads, and all of their descendants."""
    members = {number: one for number, one in seen.items() if pid in (number, one.session)}
    while more := {number: one for number, one in seen.items() if one.parent in members and number not in members}:
        members |= more
    return members


def throttled_seconds(root: Path = Path("/")) -> Reading[float]:
    """How long a quota has held this process's group, or one above it, off the processors: the longest of them."""
    found = []
    for folder in control_groups("cpu", root):
        with contextlib.suppress(OSError, ValueError):
            words = (folder / "cpu.stat").read_text().split()
            pairs = zip(words[::2], words[1::2], strict=False)
            found += [int(value) * _THROTTLED[name] for name, value in pairs if name in _THROTTLED]
    return Reading(max(found)) if found else Reading(None, "no control group counts it")


def control_groups(controller: str, root: Path = Path("/")) -> Iterator[Path]:
    """The folders of this process's control group and of all groups above it, of version 1 and 2."""
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
