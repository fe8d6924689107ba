"""A machine's roofs: which it has, and their places in its profile."""

from __future__ import annotations

from typing import Any, cast, get_args

from bench.host.hardware import Hardware
from bench.host.measured import ROOF_UNITS, DataType, Peak, Roof, RoofName, Unit
from bench.host.peaks import unsuited
from bench.host.profile import HostProfile

__all__ = [
    "DATA_TYPES",
    "VGG16_ROOFS",
    "Name",
    "is_better",
    "is_noisy",
    "offered",
    "reason_of",
    "roof_of",
    "unit_of",
    "value_of",
    "with_roof",
]

Name = DataType | RoofName
"""A peak goes by its data type's name, any other roof by its own."""

DATA_TYPES: tuple[DataType, ...] = get_args(DataType)

VGG16_ROOFS: dict[DataType, RoofName] = {
    "float32": "vgg16_float32",
    "tf32": "vgg16_tf32",
    "float16": "vgg16_float16",
    "bfloat16": "vgg16_bfloat16",
}
"""What is called after VGG16's convolutions in each data type."""

NOISY = 0.1
"""A margin wider than this, of the interval that a repetition lies in, says that something else was running."""


def offered(hardware: Hardware) -> tuple[tuple[Name, ...], dict[Name, str]]:
    """The roofs that this hardware has, and why it lacks the others.

    Of data types it has those that it multiplies by itself: float16 on tensor cores only.
    """
    lacking: dict[Name, str] = {}
    for data_type in DATA_TYPES:
        why = unsuited(hardware, data_type)
        if why is not None:
            lacking |= {data_type: why, VGG16_ROOFS[data_type]: why}
    if hardware.kind == "cpu":
        lacking["host_to_device_bandwidth"] = "the device is the host itself: nothing is copied"
    return tuple(name for name in (*DATA_TYPES, *ROOF_UNITS) if name not in lacking), lacking


def unit_of(name: Name) -> Unit:
    """The unit of a roof's value."""
    return "FLOP/s" if name in DATA_TYPES else ROOF_UNITS[cast(RoofName, name)]


def roof_of(profile: HostProfile, name: Name) -> Peak | Roof | None:
    """What was measured of this roof."""
    if name in DATA_TYPES:
        return profile.peaks.get(name)
    return profile.roofs.get(cast(RoofName, name))


def reason_of(profile: HostProfile, name: Name) -> str:
    """Why the profile has no such roof."""
    known = profile.roofs_absent.get(cast(RoofName, name))
    if known is None and profile.hardware is not None:
        known = offered(profile.hardware)[1].get(name)
    return known or f"no {name} was measured; bench calibrate measures it, on {profile.id}"


def with_roof(profile: HostProfile, name: Name, found: Peak | Roof | str) -> HostProfile:
    """The profile with that roof, or with the reason why it has none; for peaks there is no place for reasons."""
    absent: dict[Name, str] = {other: why for other, why in profile.roofs_absent.items() if other != name}
    changes: dict[str, Any] = {"roofs_absent": absent}
    if isinstance(found, Peak):
        changes["peaks"] = {**profile.peaks, name: found}
    elif isinstance(found, Roof):
        changes["roofs"] = {**profile.roofs, name: found}
    elif name not in DATA_TYPES:
        absent[name] = found
    return profile.model_copy(update=changes)


def is_noisy(found: Peak | Roof) -> bool:
    """Did its windows differ by more than a quiet machine's do?"""
    return found.margin > NOISY


def is_better(name: Name, one: Peak | Roof, other: Peak | Roof) -> bool:
    """Does `one` show more of what the machine can do? Of all roofs more is better, but for those in seconds."""
    more, less = value_of(one), value_of(other)
    return more < less if unit_of(name) == "s" else more > less


def value_of(found: Peak | Roof) -> float:
    """The figure itself, in the roof's unit."""
    return found.flops_per_second if isinstance(found, Peak) else found.value
