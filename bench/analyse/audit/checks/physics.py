"""Rates and energies beyond what any card does."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import chain

from bench.analyse.audit.declaration import AuditKind, Doubt, check
from bench.analyse.efficiency import FLOPS_A_MAC
from bench.analyse.plausibility import beyond_datasheet
from bench.host.datasheets import DATASHEETS
from bench.host.measured import DataType
from bench.host.peaks import counted_type
from bench.host.profile import HostProfile
from bench.results.record import Record
from bench.results.window_stats import impossible, step_seconds, totals

__all__ = ["physics"]

DATASHEET = AuditKind("datasheet", "the step's arithmetic in its time is a rate above the datasheet of its card")
MEASURED = AuditKind("measured-peak", "the step's arithmetic is a rate above the peak measured on its host")
ENERGY = AuditKind("energy", "energy, power and time don't go together, or less energy than the work can take")
RANGES = AuditKind("ranges", "a figure lies where none of its kind can lie")

_ABOVE_PEAK = 2.25
"""Of a peak that was measured in products: as much as Winograd's algorithm saves of 3×3 convolutions."""
_MOST_FLOPS_A_CORE = 64 * 6e9
"""Two units that multiply and add 16 float32 numbers each, at 6 GHz."""
_LEAST_GPU_STEP = 50e-6
_POWER_APART = 4.0
_MOST_WATTS = 2_000.0
"""Of one card: twice what any has drawn so far."""
_MOST_FLOPS_A_JOULE = {"float32": 1e12, "tf32": 4e12, "float16": 8e12, "bfloat16": 8e12}
"""Twice to four times the best card's peak over its board power (Blackwell: 2.25e15 FLOP/s of bfloat16 at 1 kW)."""
_LEAST_RESIDENT = 50e6
_SHARES = ("gpu_utilization", "cpu_share", "foreign_cpu_share", "cpu_steal_share")
_SHARE_MARGIN = 0.05


@check(DATASHEET, MEASURED, ENERGY, RANGES)
def physics(record: Record, profile: HostProfile | None) -> Iterator[Doubt]:
    """`datasheet`, `measured-peak`, `energy`, `ranges`: what no card does, and no instrument reads."""
    yield from _ranges(record)
    if not record.ok or not record.counts or (seconds := step_seconds(record.windows)) is None:
        return
    if (beyond := beyond_datasheet(record) or _beyond_any(record, seconds)) is not None:
        yield DATASHEET.impossible(beyond)
    elif (above := _above_measured(record, profile, seconds)) is not None:
        yield MEASURED.odd(above)
    yield from _energy(record)


def _beyond_any(record: Record, seconds: float) -> str | None:
    """What speaks against it where no datasheet of its device is known: that none has so many operations a second, or
    that a step has more kernels than can be launched in its time."""
    macs, device = record.values.get("training_macs_per_image"), record.device
    if device.is_gpu and seconds < _LEAST_GPU_STEP:
        return f"a step takes {seconds * 1e6:.3g} µs, in which a GPU starts a handful of kernels"
    if not macs:
        return None
    rate = FLOPS_A_MAC * macs * record.global_batch_size / seconds
    data_type = counted_type(device, record.options, record.environment)
    if device.is_gpu:
        most, what = _ABOVE_PEAK * 1e12 * _best(data_type) * _cards(record), "any card's peak"
    elif device.cores and data_type == "float32":
        most, what = _ABOVE_PEAK * _MOST_FLOPS_A_CORE * device.cores, f"what {device.cores} cores can"
    else:
        return None
    return f"its step would run at {rate:.3g} {data_type} operations a second, beyond {what}" if rate > most else None


def _cards(record: Record) -> int:
    """Those that share its step: work, energy and power are of all of them."""
    return record.options.devices if record.device.is_gpu else 1


@cache
def _best(data_type: DataType) -> float:
    """The highest of all datasheets, in TFLOP/s."""
    return max(getattr(one, data_type) or 0.0 for one in DATASHEETS)


def _above_measured(record: Record, profile: HostProfile | None, seconds: float) -> str | None:
    macs = record.values.get("training_macs_per_image")
    if not macs or profile is None or not profile.peaks:
        return None
    data_type = counted_type(record.device, record.options, record.environment)
    if (peak := profile.peaks.get(data_type)) is None:
        return None
    times = FLOPS_A_MAC * macs * record.global_batch_size / seconds / (peak.flops_per_second * _cards(record))
    if times <= _ABOVE_PEAK:
        return None
    return f"its step would run at {times:.1f} times the {data_type} peak measured {peak.date} on its host"


def _energy(record: Record) -> Iterator[Doubt]:
    joules, watts = record.values.get("gpu_energy_joules"), record.values.get("gpu_power_watts")
    found = totals(record.windows)
    if joules is None or found is None:
        return
    steps, seconds = found
    if joules / max(record.stages.get("windows", seconds), seconds) > _MOST_WATTS * _cards(record):
        yield ENERGY.impossible(f"{joules:.4g} J in {seconds:.3g} s are {joules / seconds:,.0f} W")
    elif watts and not 1 / _POWER_APART < joules / seconds / watts < _POWER_APART:
        yield ENERGY.odd(f"its energy over its windows is {joules / seconds:.3g} W, its mean power {watts:.3g} W")
    macs = record.values.get("training_macs_per_image")
    data_type = counted_type(record.device, record.options, record.environment)
    if macs and joules > 0:
        a_joule = FLOPS_A_MAC * macs * record.global_batch_size * steps / joules
        if a_joule > _MOST_FLOPS_A_JOULE[data_type]:
            yield ENERGY.impossible(f"{a_joule:.2g} {data_type} operations a joule, more than any card's peak gives")


def _ranges(record: Record) -> Iterator[Doubt]:
    if (what := impossible(record.windows)) is not None:
        yield RANGES.impossible(f"it has {what}")
    for name in _SHARES:
        value = record.values.get(name)
        if value is not None and not -_SHARE_MARGIN <= value <= 1 + _SHARE_MARGIN:
            yield RANGES.odd(f"{name} is {value:.4g}, and a share lies from 0 to 1", "certain")
    negative = [
        name
        for name, value in chain(record.values.items(), record.stages.items())
        if value is not None
        and value < 0
        and (name.endswith(("_seconds", "_bytes", "_joules")) or name in record.stages)
    ]
    if negative:
        yield RANGES.odd(f"{', '.join(negative)} below 0")
    resident = record.values.get("peak_resident_bytes")
    if resident is not None and resident < _LEAST_RESIDENT:
        yield RANGES.odd(f"its process held {resident / 1e6:.3g} MB at most, and TensorFlow alone takes hundreds")
