"""The machine that a record tells of, beside its profile and what is known of its card."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from bench.analyse.audit.declaration import AuditKind, Doubt, check
from bench.host.names import brandless, card
from bench.host.profile import HostProfile
from bench.results.record import Record

__all__ = ["machine"]

MACHINE = AuditKind("machine", "device, host's profile and what is known of the card don't go together")

_CAPABILITIES: Final[Mapping[str, str]] = {
    r"P100": "6.0",
    r"V100S?": "7.0",
    r"T4|RTX 20[678]0.*|Quadro RTX .*": "7.5",
    r"A30|A100": "8.0",
    r"A10|A40|RTX 30\d0.*|RTX A\d000": "8.6",
    r"L4|L40S?|RTX 40\d0.*": "8.9",
    r"H100.*|H200.*|GH200.*": "9.0",
    r"RTX 50\d0.*": "12.0",
}
"""Compute capabilities by a card's plain name (NVIDIA, CUDA GPUs)."""
_MEMORY_MARGIN: Final = 1.02


@check(MACHINE)
def machine(record: Record, profile: HostProfile | None) -> Iterator[Doubt]:
    """`machine`: it tells of another card than its host has, or of what its card hasn't."""
    device = record.device
    if not record.counts:
        return
    if device.is_gpu and device.gpu_name:
        wanted = _capability(device.gpu_name)
        if wanted and device.compute_capability and device.compute_capability != wanted:
            evidence = (
                f"a {device.gpu_name} has compute capability {wanted}, and it tells of {device.compute_capability}"
            )
            yield MACHINE.impossible(evidence)
    hardware = profile.hardware if profile is not None else None
    if hardware is None:
        return
    if device.kind != hardware.kind:
        yield MACHINE.odd(f"it computed on a {device.kind}, and its host's profile is a {hardware.kind}'s", "certain")
        return
    names = [brandless(name or "") for name in (device.gpu_name, hardware.gpu_name)]
    if device.is_gpu and all(names) and names[0] != names[1]:
        yield MACHINE.odd(f"it computed on a {names[0]}, and its host's profile is a {names[1]}'s", "certain")
    cards = record.options.devices
    memory = (hardware.gpu_memory_bytes or 0) * cards  # a step's peaks are sums over its cards
    for name in ("peak_gpu_allocator_bytes", "peak_gpu_nvml_bytes", "peak_gpu_process_bytes"):
        used = record.values.get(name)
        if memory and used and used > memory * _MEMORY_MARGIN:
            what = "a card" if cards == 1 else f"{cards} cards"
            yield MACHINE.impossible(f"it held {used / 2**30:.1f} GiB of {what} of {memory / 2**30:.1f}")
            break


@lru_cache(maxsize=256)
def _capability(gpu_name: str) -> str | None:
    return next((one for name, one in _CAPABILITIES.items() if re.fullmatch(name, card(gpu_name))), None)
