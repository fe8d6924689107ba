"""The roof over a machine's arithmetic: measured on it, or its card's datasheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from bench.host.datasheets import Datasheet, datasheet_of
from bench.host.hardware import Hardware
from bench.host.measured import DataType
from bench.host.profile import HostProfile
from bench.system.nvml import Reading

__all__ = ["PeakRate", "counted_type", "datasheet_for", "peak_of", "unsuited"]

_MIXED: dict[str, DataType] = {"mixed_float16": "float16", "mixed_bfloat16": "bfloat16"}
_SINCE_TF32 = (8, 0)


@dataclass(frozen=True)
class PeakRate:
    """The highest rate of floating-point operations with one data type, and who says so.

    `origin` is `measured 2026-01-05` or `datasheet: NVIDIA T4 datasheet`.
    """

    flops_per_second: float
    data_type: DataType
    origin: str


def peak_of(profile: HostProfile | None, data_type: DataType) -> Reading[PeakRate]:
    """The host's peak with `data_type`: what was measured on it, else its card's datasheet, else the reason."""
    if profile is None:
        return Reading(None, "the host has no profile, and so no peak")
    measured = profile.peaks.get(data_type)
    if measured is not None:
        return Reading(PeakRate(measured.flops_per_second, data_type, f"measured {measured.date}"))
    sheet, lacking = datasheet_for(profile), unsuited(profile.hardware, data_type)
    if sheet is None and lacking is not None:
        return Reading(None, lacking)
    unmeasured = f"no {data_type} peak was measured; bench calibrate measures it, on {profile.id}"
    if profile.hardware is not None and profile.hardware.mig:
        return Reading(None, f"a MIG slice has no datasheet, and {unmeasured}")
    gpu_name = _gpu_name(profile)
    if gpu_name is None:
        return Reading(None, unmeasured)
    if sheet is None:
        return Reading(None, f"no datasheet of {gpu_name} is known, and {unmeasured}")
    teraflops: float | None = getattr(sheet, data_type)
    if teraflops is None:
        return Reading(None, f"{sheet.card} has no {data_type} products with sums in float32")
    return Reading(PeakRate(teraflops * 1e12, data_type, f"datasheet: {sheet.source}"))


def unsuited(hardware: Hardware | None, data_type: DataType) -> str | None:
    """Why such a device doesn't multiply this data type by itself; None where it does, or nothing is known of it."""
    if hardware is None:
        return None
    reasons: dict[DataType, str | None] = {
        "tf32": hardware.tf32_reason,
        "float16": hardware.float16_reason,
        "bfloat16": hardware.bfloat16_reason,
    }
    return reasons.get(data_type)


def datasheet_for(profile: HostProfile) -> Datasheet | None:
    """What the maker of the host's card publishes; None of a slice of one, of a processor, and where none is known."""
    gpu_name, hardware = _gpu_name(profile), profile.hardware
    if gpu_name is None or (hardware is not None and hardware.mig):
        return None
    return datasheet_of(gpu_name, hardware.gpu_memory_bytes if hardware else None)


def _gpu_name(profile: HostProfile) -> str | None:
    """The card that computes: the one found there, else the one whose times are published."""
    if profile.hardware is not None:
        return profile.hardware.gpu_name
    return profile.published.gpu_name if profile.published else None


class ComputeDevice(Protocol):
    """A device, as a machine or a record has it: `kind` is `gpu` or `cpu`."""

    @property
    def kind(self) -> str: ...
    @property
    def compute_capability(self) -> str | None: ...


class PrecisionOptions(Protocol):
    """Options of a cell, settled, as a suite or a record has them."""

    @property
    def precision(self) -> str: ...
    @property
    def tf32(self) -> bool: ...


def counted_type(
    device: ComputeDevice, options: PrecisionOptions | None = None, environment: Mapping[str, str] | None = None
) -> DataType:
    """The data type whose peak bounds a cell with these options on this device; None: the notebook's options.

    Mixed precision counts as its half; float32 as TF32 where that is on and the GPU has it.
    """
    mixed = _MIXED.get(options.precision) if options else None
    if mixed is not None:
        return mixed
    overridden = (environment or {}).get("NVIDIA_TF32_OVERRIDE") == "0"
    capability = tuple(map(int, (device.compute_capability or "0.0").split(".")))
    has_tf32 = device.kind == "gpu" and capability >= _SINCE_TF32
    return "tf32" if has_tf32 and (options is None or options.tf32) and not overridden else "float32"
