"""Roofs beside what the card's maker publishes."""

from __future__ import annotations

from bench.host.measured import DataType
from bench.host.peaks import datasheet_for
from bench.host.profile import HostProfile
from bench.host.roofs import VGG16_ROOFS, Name, reason_of, roof_of, value_of
from bench.system.nvml import Reading

__all__ = ["published_roof", "share_of_datasheet"]

_MULTIPLIED: dict[Name, DataType] = {roof: data_type for data_type, roof in VGG16_ROOFS.items()}


def published_roof(profile: HostProfile, name: Name) -> Reading[float]:
    """What the datasheet of the host's card gives for that roof, in the roof's own unit.

    Products and convolutions have the data type's peak, the device's memory its bandwidth; of the others no datasheet
    tells.
    """
    sheet = datasheet_for(profile)
    if sheet is None:
        return Reading(None, "no datasheet is known of what computes here")
    if name == "device_bandwidth":
        return Reading(sheet.memory_gb_per_second * 1e9)
    data_type = _MULTIPLIED.get(name, name)
    if data_type not in VGG16_ROOFS:
        return Reading(None, "no datasheet gives it")
    teraflops: float | None = getattr(sheet, data_type)
    if teraflops is None:
        return Reading(None, f"{sheet.card} has no {data_type} products with sums in float32")
    return Reading(teraflops * 1e12)


def share_of_datasheet(profile: HostProfile, name: Name) -> Reading[float]:
    """The share (0..1) of what its card's datasheet gives that was measured on the host."""
    found = roof_of(profile, name)
    if found is None:
        return Reading(None, reason_of(profile, name))
    return published_roof(profile, name).then(lambda most: value_of(found) / most)
