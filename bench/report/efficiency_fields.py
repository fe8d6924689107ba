"""A record's efficiency as plain values, for programs."""

from __future__ import annotations

from typing import Any

from bench.analyse.efficiency import efficiency
from bench.host.profile import HostProfile
from bench.results.record import Record

__all__ = ["efficiency_fields"]


def efficiency_fields(record: Record, profile: HostProfile | None) -> tuple[dict[str, Any], dict[str, str]]:
    """The figures of `bench.analyse.efficiency`, each null where it is absent, and why it is, by name."""
    found = efficiency(record, profile)
    readings = {
        "training_flops_per_image": found.flops_per_image,
        "achieved_flops_per_second": found.achieved_flops_per_second,
        "mfu": found.mfu,
        "share_of_convolutions_rate": found.convolution_share,
        "energy_per_step_joules": found.energy_per_step_joules,
        "energy_above_idle_per_step_joules": found.energy_above_idle_joules,
        "images_per_joule": found.images_per_joule,
        "cost_per_million_images": found.cost_per_million_images,
    }
    roof = found.roof.value
    fields = {name: reading.value for name, reading in readings.items()}
    why = {name: reading.reason or "unknown" for name, reading in readings.items() if reading.value is None}
    return {
        **fields,
        "mfu_peak_flops_per_second": roof.flops_per_second if roof else None,
        "mfu_peak_origin": roof.origin if roof else None,
        "mfu_data_type": roof.data_type if roof else None,
        "energy_note": found.energy_note,
        "currency": found.currency,
    }, why
