"""What holds the machine back whatever it is doing: quotas, governors, batteries, memory that is nearly used up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.host.cgroup import cpu_quota, memory_taken
from bench.system.procfs import kernel_sizes, kernel_text, usable_cpus

__all__ = ["limited", "scarce"]

_NEARLY = 0.90
_GOVERNOR = "performance"


def scarce(root: Path = Path("/")) -> Iterator[tuple[str, str]]:
    """Memory that is nearly used up, the container's or the machine's: what it is and what would mend it."""
    if (taken := memory_taken(root) or 0.0) > _NEARLY:
        yield f"{taken:.0%} of the memory that the container may use is taken", "end what takes it, or allow more"
    meminfo = kernel_sizes(root / "proc/meminfo")
    available, total = meminfo.get("MemAvailable"), meminfo.get("MemTotal")
    if available is not None and total and available < (1 - _NEARLY) * total:
        yield f"only {available / 2**30:.1f} of {total / 2**30:.1f} GiB of memory are free", "end what takes it"


def limited(root: Path = Path("/")) -> Iterator[tuple[str, str]]:
    """What lowers its speed as long as nobody changes it: each limit as what it is and what would mend it.

    Where the system says nothing, nothing is said.
    """
    quota, cpus = cpu_quota(root), usable_cpus()
    if quota is not None and quota < len(cpus):
        yield (
            f"a quota allows {quota:g} of the {len(cpus)} processors that can be seen, and stops whoever takes more",
            f"give whole processors (docker run --cpuset-cpus), or set the option threads to {max(1, int(quota))}",
        )
    governors = {_text(root / f"sys/devices/system/cpu/cpu{cpu}/cpufreq/scaling_governor") for cpu in cpus} - {""}
    if others := sorted(governors - {_GOVERNOR}):
        yield (
            f"the processors' clocks are governed by {' and '.join(others)}, not by {_GOVERNOR}",
            f"sudo cpupower frequency-set -g {_GOVERNOR}",
        )
    if _on_battery(root):
        yield "the machine runs on its battery, which lowers clocks", "plug it in"


def _on_battery(root: Path) -> bool:
    """Is there a power supply of the machine's own that isn't plugged in, or a battery that discharges?"""
    folders = list((root / "sys/class/power_supply").glob("*"))
    mains = [_text(folder / "online") for folder in folders if _text(folder / "type") == "Mains"]
    if any(mains):
        return "1" not in mains
    own = [folder for folder in folders if _text(folder / "scope") != "Device"]  # a mouse has a battery too
    return any(_text(folder / "type") == "Battery" and _text(folder / "status") == "Discharging" for folder in own)


def _text(path: Path) -> str:
    return kernel_text(path).strip()
