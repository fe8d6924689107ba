"""Is this machine fit to measure just now, and if not, what would mend it?"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.host.background_load import busy
from bench.host.hardware import Hardware
from bench.host.limits import limited, scarce
from bench.system.nvml import SLOWED, Device, open_nvml

__all__ = ["Unfit", "fitness"]

_HOT_CELSIUS = 80
_AT_WORK = 0.10
_TAKEN = 0.25
_NAMES = "nvidia-smi, run outside of any container, names what to stop"


@dataclass(frozen=True)
class Unfit:
    """`what` disturbs measurements on this machine now, and what would `mend` it.

    `lasting` is what doesn't pass by itself: so this machine always is until somebody changes it.
    """

    what: str
    mend: str
    lasting: bool = False

    def __str__(self) -> str:
        return f"{self.what}: {self.mend}"


def fitness(
    hardware: Hardware,
    root: Path = Path("/"),
    environ: Mapping[str, str] | None = None,
    seconds: float = 1.0,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[Unfit, ...]:
    """What makes this machine unfit now; nothing where it is fit. To be asked while nothing of ours is at work.

    Looks at its processors twice, `seconds` apart, at what containers, batteries and governors do to them, and at the
    GPU where `hardware` has one (`environ` says which: None is this process's own). Changes nothing, and says nothing
    of what it can't see: a container hides much. `root` is the file tree that stands for the machine.
    """
    passing = [*busy(root, seconds, sleep), *scarce(root)]
    if hardware.kind == "gpu":
        with open_nvml() as nvml:
            gpu = nvml.chosen(environ).value
            passing += _gpu(gpu) if gpu is not None else ()
    return (
        *(Unfit(what, mend) for what, mend in passing),
        *(Unfit(what, mend, lasting=True) for what, mend in limited(root)),
    )


def _gpu(gpu: Device) -> Iterator[tuple[str, str]]:
    others = gpu.processes().value or ()
    total, used = gpu.memory_total_bytes().value, gpu.memory_used_bytes().value
    load = gpu.utilization().value or 0.0
    if others:
        who = "another process is" if len(others) == 1 else f"{len(others)} other processes are"
        held = sum(one.memory_bytes or 0 for one in others)
        yield f"{who} on the GPU{f', with {held / 2**30:.1f} GiB of its memory' if held else ''}", _NAMES
    elif load >= _AT_WORK:
        yield f"the GPU is {load:.0%} at work for something that can't be seen from here", _NAMES
    elif total and used and used > _TAKEN * total:
        taken = f"{used / 2**30:.1f} of {total / 2**30:.1f} GiB of the GPU's memory are taken"
        yield f"{taken} by something that can't be seen from here", _NAMES
    if (gpu.event_reasons().value or 0) & SLOWED:
        yield "the GPU is slowed by heat or its power supply", "cool it, and check its power cables"
    elif (hot := gpu.temperature_celsius().value or 0) >= _HOT_CELSIUS:
        yield f"the GPU is {hot:.0f} °C hot before it has anything to do", "let it cool down, and check its fans"
