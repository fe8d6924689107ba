"""What a cell makes of its machine: arithmetic, energy and money."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from bench.host.peaks import PeakRate, counted_type, peak_of
from bench.host.profile import HostProfile
from bench.host.roofs import VGG16_ROOFS, reason_of
from bench.results.metrics import METRICS
from bench.results.record import Record
from bench.system.nvml import Reading

__all__ = ["FLOPS_A_MAC", "Efficiency", "convolution_share", "efficiency"]

A = TypeVar("A")
B = TypeVar("B")

FLOPS_A_MAC = 2
SECONDS_AN_HOUR = 3600


@dataclass(frozen=True)
class Efficiency:
    """Each figure a value or the reason for its absence, never 0 in its place.

    `flops_per_image` is what training one image takes (see `bench.workload.macs`), and `mfu` the
    share (0..1) of `roof` that is reached by it: recomputation, and work outside of products, don't count.
    `convolution_share` is that of the rate of its own convolutions alone, for VGG16. Energy is the card's alone:
    `energy_per_step_joules` with what it draws at rest, `energy_above_idle_joules` a step without; `energy_note` says
    how it was come by where no counter gave it. `cost_per_million_images` is in `currency`.
    """

    flops_per_image: Reading[float]
    achieved_flops_per_second: Reading[float]
    roof: Reading[PeakRate]
    mfu: Reading[float]
    convolution_share: Reading[float]
    energy_per_step_joules: Reading[float]
    energy_above_idle_joules: Reading[float]
    images_per_joule: Reading[float]
    idle_watts: Reading[float]
    cost_per_million_images: Reading[float]
    currency: str | None
    energy_note: str | None


def efficiency(record: Record, profile: HostProfile | None) -> Efficiency:
    """The figures of `record`, measured on the host of `profile`, whose peaks and price they are held against.

    MFU is that of Chowdhery et al. 2022 (*PaLM*, appendix B): achieved over peak, with the data type's own peak.
    """
    step = _metric(record, "step_seconds")
    per_image = _flops_per_image(record)
    achieved = _both(per_image, step, lambda flops, seconds: flops * record.global_batch_size / seconds)
    roof = peak_of(profile, counted_type(record.device, record.options, record.environment))
    energy = _energy_per_step(record)
    idle = _metric(record, "gpu_idle_watts")
    standing = _both(idle, step, lambda watts, seconds: watts * seconds)
    price = profile.price if profile else None
    # logical CPU devices share the processor whose peak this is
    cards = record.options.devices if record.device.is_gpu else 1
    return Efficiency(
        flops_per_image=per_image,
        achieved_flops_per_second=achieved,
        roof=roof,
        mfu=_both(achieved, roof, lambda flops, peak: flops / (peak.flops_per_second * cards)),
        convolution_share=convolution_share(record, profile, achieved),
        energy_per_step_joules=energy,
        energy_above_idle_joules=_above(energy, standing)
        if cards == 1
        else Reading(None, "idle power was read of the first card alone"),
        images_per_joule=energy.then(lambda joules: record.global_batch_size / joules),
        idle_watts=idle,
        cost_per_million_images=_cost(record, profile, step),
        currency=price.currency if price else None,
        energy_note=record.notes.get("gpu_energy_joules"),
    )


def _flops_per_image(record: Record) -> Reading[float]:
    training = record.values.get("training_macs_per_image")
    if training:
        return Reading(FLOPS_A_MAC * training)
    forward = _metric(record, "macs_per_image")
    why = record.absent.get("training_macs_per_image")
    if why is not None or forward.value is None:
        return Reading(None, why or forward.reason)
    if not _trained_whole(record):
        return Reading(None, "recorded before the work of partly frozen networks was counted; measure it again")
    return Reading(3 * FLOPS_A_MAC * forward.value)


def _trained_whole(record: Record) -> bool:
    """Is all of the network trained, as far as an older record tells? A user's own may freeze layers by itself."""
    model = record.workload.model
    return not model.freeze and (not model.is_own or record.values.get("non_trainable_params") == 0)


def _energy_per_step(record: Record) -> Reading[float]:
    """Joules over the windows' steps: the energy is that of the windows, from their beginning to their end."""
    steps = sum(window.steps for window in record.windows)
    energy = _metric(record, "gpu_energy_joules")
    if energy.value is not None and (energy.value <= 0 or not steps):
        return Reading(None, "the GPU's energy was read as 0")
    return energy.then(lambda joules: joules / steps)


def _above(energy: Reading[float], standing: Reading[float]) -> Reading[float]:
    above = _both(energy, standing, lambda all_of_it, rest: all_of_it - rest)
    if above.value is not None and above.value <= 0:
        return Reading(None, "the card drew no more than before the first cell")
    return above


def _cost(record: Record, profile: HostProfile | None, step: Reading[float]) -> Reading[float]:
    price = profile.price if profile else None
    if price is None:
        return Reading(None, f"no price in hosts/{record.host}.yaml")
    return step.then(lambda seconds: price.per_hour / SECONDS_AN_HOUR * seconds / record.global_batch_size * 1e6)


def _metric(record: Record, name: str) -> Reading[float]:
    value = METRICS[name].read(record)
    return Reading(value) if value is not None else Reading(None, METRICS[name].why_absent(record))


def _both(a: Reading[A], b: Reading[B], combine: Callable[[A, B], float]) -> Reading[float]:
    """The two combined, or why the first of them that is absent is."""
    if a.value is None or b.value is None:
        return Reading(None, a.reason if a.value is None else b.reason)
    return Reading(combine(a.value, b.value))


_NETWORKS = {"vgg16", "VGG16"}
_SHAPE = (32, 32, 3)
_BATCH_SIZE = 128


def convolution_share(
    record: Record, profile: HostProfile | None, achieved_flops_per_second: Reading[float]
) -> Reading[float]:
    """The share (0..1) of the rate measured for VGG16's convolutions alone (`bench calibrate`) that a cell reaches.

    Only a cell whose convolutions have the shapes that were measured can be set beside them.
    """
    if not _is_alike(record):
        return Reading(None, "its convolutions are not those that bench calibrate measures")
    if profile is None:
        return Reading(None, "the host has no profile, and so no roofs")
    name = VGG16_ROOFS[counted_type(record.device, record.options, record.environment)]
    roof = profile.roofs.get(name)
    if roof is None:
        return Reading(None, reason_of(profile, name))
    return achieved_flops_per_second.then(lambda flops: flops / roof.value)


def _is_alike(record: Record) -> bool:
    model = record.workload.model
    return (
        model.network in _NETWORKS
        and not model.freeze
        and record.options.image_size is None
        and record.workload.data.shape == _SHAPE
        and record.batch_size == _BATCH_SIZE
        and record.options.strategy is None
    )
