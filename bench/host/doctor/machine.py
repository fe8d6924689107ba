"""Is the machine one that TensorFlow runs on, and what is its bottleneck?"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from bench.host.cpu import all_cpu_flags
from bench.host.doctor.check import Check
from bench.host.doctor.memory import address_space_limit, memory, memory_checks
from bench.host.doctor.scratch import shared_check, temporary_check
from bench.host.fitness import Unfit
from bench.host.hardware import Hardware
from bench.system.procfs import usable_cpus

__all__ = ["has_avx", "machine_checks"]

_BFLOAT16 = ("avx512_bf16", "amx_bf16", "bf16")


def machine_checks(
    hardware: Hardware, unfit: Iterable[Unfit], temporary: Path | None, root: Path = Path("/")
) -> tuple[Check, ...]:
    """The system, processor, cores, memory, and what disturbs measurements: `unfit`, now or always.

    `temporary` is the folder that runs use, None where there is none. `root` is the file tree that stands for the
    machine.
    """
    return (
        _system(hardware),
        _processor(hardware, root),
        _cores(hardware.cores, len(usable_cpus()), os.cpu_count() or 1),
        *memory_checks(hardware.memory_bytes, memory(root), address_space_limit()),
        temporary_check(temporary, root),
        shared_check(root),
        *_disturbed(tuple(unfit)),
    )


def has_avx(root: Path = Path("/"), architecture: str | None = None) -> bool | None:
    """Has the processor the instructions that TensorFlow's wheels are built for? None where that can't be seen.

    Those for x86 use AVX throughout (https://www.tensorflow.org/install/pip, hardware requirements); others ask for
    nothing that a 64-bit processor could lack. `architecture` is this machine's where None.
    """
    if (architecture or os.uname().machine) != "x86_64":
        return True
    flags = all_cpu_flags(root)
    return "avx" in flags if flags else None


def _system(hardware: Hardware) -> Check:
    words = [hardware.system.capitalize()]
    words += ["under WSL"] * hardware.wsl + ["in a container"] * hardware.container
    words += [f"on {hardware.platform.capitalize()}"] * (hardware.platform != "local")
    return Check("machine: system", "fine", " ".join(words))


def _processor(hardware: Hardware, root: Path) -> Check:
    what, avx = "machine: processor", has_avx(root)
    if avx is False:
        mend = "measure on another machine; a virtual one has what its hypervisor passes on (qemu: -cpu host)"
        return Check(what, "broken", f"{hardware.cpu} has no AVX, which TensorFlow's wheels are built for", mend)
    if avx is None:
        return Check(what, "unknown", f"{hardware.cpu}; whether it has AVX, which TensorFlow wants, can't be seen")
    by = [flag for flag in _BFLOAT16 if flag in hardware.cpu_flags]
    native = f"multiplies bfloat16 itself ({', '.join(by)})" if by else "has no instructions for bfloat16"
    return Check(what, "fine", f"{hardware.cpu}, which {native}")


def _cores(cores: int, allowed: int, there: int) -> Check:
    what, text = "machine: cores", f"{cores}" if cores == there else f"{cores} of {there}"
    if allowed < there:
        text += ", by this process's affinity (taskset, a batch system or a container's cpuset)"
    elif cores < there:
        text += ", by a quota"
    if cores == 1:
        mend = "give the machine or the container two or more (docker run --cpuset-cpus 0,1)"
        return Check(what, "limited", f"{text}; the input pipeline and the step take turns on it", mend)
    return Check(what, "fine", text)


def _disturbed(unfit: tuple[Unfit, ...]) -> Iterator[Check]:
    for one in unfit:
        yield Check(f"machine: {'always' if one.lasting else 'just now'}", "limited", one.what, one.mend)
    if all(one.lasting for one in unfit):
        yield Check("machine: just now", "fine", "nothing else is at work")
