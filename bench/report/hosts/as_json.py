"""A host for programs: its profile, and all that the tables make of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from bench.host.candidates import Candidate
from bench.host.datasheet_share import share_of_datasheet
from bench.host.measured import ROOF_UNITS
from bench.host.peaks import datasheet_for
from bench.host.profile import HostProfile
from bench.host.roofs import DATA_TYPES
from bench.report.handout.expectation_text import expectation_fields
from bench.report.hosts.facts import Fact, HostFacts, StepTime

__all__ = ["host_entry"]

_SHEET = ("card", "float32", "tf32", "float16", "bfloat16", "memory_gb_per_second", "source")


def host_entry(
    found: HostFacts, profiles: Sequence[HostProfile], here: Sequence[Candidate], *, is_measured: bool
) -> dict[str, Any]:
    """Everything of a host. `here` is what of this machine is filed under it; `this_machine`: that is measured as
    things are. Figures are in the units of their names, shares and residuals are 0.08 for 8 %."""
    profile = found.profile
    sheet = datasheet_for(profile)
    names = (*DATA_TYPES, *ROOF_UNITS)
    shares = {name: share_of_datasheet(profile, name).value for name in names}
    return {
        **profile.model_dump(mode="json"),
        "device": profile.device,
        "measured": is_measured,
        "datasheet": None if sheet is None else {name: getattr(sheet, name) for name in _SHEET},
        "share_of_datasheet": {name: share for name, share in shares.items() if share is not None},
        "figures": {
            "ai_score": _figure(found.ai_score),
            "float32_flops_per_second": _figure(found.float32_flops_per_second),
            "lower_flops_per_second": _figure(found.lower_flops_per_second),
            "memory_bytes_per_second": _figure(found.memory_bytes_per_second),
            "launch_seconds": _figure(found.launch_seconds),
        },
        "times": {model: _time(time) for model, time in found.times.items()},
        "expected": expectation_fields(profile, profiles),
        "this_machine": any(one.is_chosen for one in here),
        "here": [{"where": one.where, "environment": one.environment, "is_chosen": one.is_chosen} for one in here],
    }


def _figure(figure: Fact) -> dict[str, Any]:
    return asdict(figure)


def _time(time: StepTime) -> dict[str, Any]:
    return {
        "step_seconds": _figure(time.step_seconds),
        "residual": time.residual.value,
        "residual_absent": time.residual.reason,
        "verdict": time.verdict,
    }
