"""What this machine is, once TensorFlow has said what it computes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.host.detect import Hardware
from bench.host.device import Device
from bench.host.profile import HostProfile
from bench.run.process.executors import Executor

__all__ = ["Machine", "this_machine"]


@dataclass(frozen=True)
class Machine:
    """The host that results go under, its hardware as TensorFlow uses it, and the card that it doesn't use."""

    profile: HostProfile
    hardware: Hardware
    device: Device
    gpu_unused: str | None


def this_machine(
    root: Path, executor: Executor, wanted: str | None, notice: Callable[[str], None], hardware: Hardware
) -> Machine:
    """Ask TensorFlow in the entered `executor`, and recognise the host; `hardware` is what was detected without it.

    `notice` is told where the two differ, and where another machine stands behind the id. Raises InputError.
    """
    device = executor.probe()
    unused = None
    if hardware.kind == "gpu" and device.kind == "cpu":
        unused = hardware.gpu_name
        notice(
            f"{unused} is there, but TensorFlow computes on the CPU: bench doctor says why, and what mends it; the "
            "results are filed under this machine's CPU"
        )
        hardware = hardware.as_cpu()
    elif hardware.kind == "cpu" and device.kind == "gpu":
        notice(f"TensorFlow computes on {device.name}, which NVML doesn't show: {hardware.gpu_absent}")
        seen = {"kind": "gpu", "gpu_name": device.name, "compute_capability": device.compute_capability}
        hardware = hardware.model_copy(update=seen)
    hardware = hardware.model_copy(update={"visible_gpus": device.count})
    recognised = executor.host(root, hardware, wanted)
    if recognised.replaced:
        notice(recognised.replaced)
    return Machine(recognised.profile, hardware, device, unused)
