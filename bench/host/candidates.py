"""Everything on this machine that can be measured: each GPU or MIG slice, and the processor."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench.host.detect import gpu_fields, machine_fields
from bench.host.hardware import Hardware
from bench.system.nvml import Device, Nvml, open_nvml

__all__ = ["Candidate", "candidates"]


@dataclass(frozen=True)
class Candidate:
    """A GPU, a MIG slice or the processor: `where` says which one (`GPU 1`, `GPU 0, slice 2`, `CPU`).

    `environment` makes TensorFlow and NVML take it; `is_chosen`: they do so as things are. `unusable` is why it can't
    be measured.
    """

    where: str
    hardware: Hardware
    environment: dict[str, str] = field(default_factory=dict)
    is_chosen: bool = False
    unusable: str | None = None


def candidates(environ: Mapping[str, str] | None = None, root: Path = Path("/")) -> tuple[Candidate, ...]:
    """What `bench.host.detect.detect` can give on this machine, the processor last."""
    environ = os.environ if environ is None else environ
    machine = machine_fields(environ, root)
    with open_nvml() as nvml:
        chosen = nvml.chosen(environ)
        found = [
            Candidate(
                where=_where(device),
                hardware=Hardware(**gpu_fields(nvml, device), **machine),
                environment={} if unusable else _choosing(device, nvml),
                is_chosen=chosen.value is not None and _where(chosen.value) == _where(device),
                unusable=unusable,
            )
            for device, unusable in _units(nvml)
        ]
        absent = chosen.reason or "CUDA_VISIBLE_DEVICES leaves no GPU visible"
        cpu = Hardware(kind="cpu", gpu_absent=absent, gpu_count=len(nvml.devices), **machine)
    hidden = {"CUDA_VISIBLE_DEVICES": "-1"} if found else {}
    return (*found, Candidate("CPU", cpu, hidden, is_chosen=chosen.value is None))


def _units(nvml: Nvml) -> Iterator[tuple[Device, str | None]]:
    """Each GPU, or its slices where it is divided, and why it can't be measured."""
    for device in nvml.devices:
        if not device.mig_enabled():
            yield device, None
        elif slices := device.slices():
            yield from ((one, None) for one in slices)
        else:
            yield device, f"GPU {device.index} is in MIG mode and has no slice"


def _where(device: Device) -> str:
    return f"GPU {device.index}" if device.parent is None else f"GPU {device.parent.index}, slice {device.index}"


def _choosing(device: Device, nvml: Nvml) -> dict[str, str]:
    """By its index, where that means the same to NVML and to CUDA; see `bench.system.nvml.Nvml.chosen`.

    Beside a GPU in MIG mode CUDA counts otherwise (NVIDIA, *MIG User Guide*, "CUDA_VISIBLE_DEVICES").
    """
    uuid = device.uuid().value
    if uuid and (device.is_slice or any(one.mig_enabled() for one in nvml.devices)):
        return {"CUDA_VISIBLE_DEVICES": uuid}
    whole = device.parent or device  # of a slice that doesn't tell its UUID: the first one of its GPU
    alike = len({one.name().value for one in nvml.devices}) == 1
    return ({} if alike else {"CUDA_DEVICE_ORDER": "PCI_BUS_ID"}) | {"CUDA_VISIBLE_DEVICES": str(whole.index)}
