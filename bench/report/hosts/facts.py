"""What a table tells of a host: each figure with where it comes from, or why there is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bench.analyse.expectation.band import BATCH_SIZE, published_residual
from bench.analyse.expectation.handout import handout
from bench.analyse.expectation.outcome import Outcome, outcome
from bench.analyse.expectation.scaling_laws import published_times
from bench.host.measured import DataType, RoofName
from bench.host.peaks import datasheet_for, peak_of, unsuited
from bench.host.profile import HostProfile
from bench.report.handout.expectation_text import outcome_line
from bench.results.query import latest
from bench.results.record import Record
from bench.system.nvml import Reading

__all__ = ["Fact", "HostFacts", "StepTime", "host_facts", "models"]

Origin = Literal["measured", "published", "datasheet"]

_LOWER: tuple[DataType, ...] = ("tf32", "float16", "bfloat16")
_NOT_MEASURED = "not measured: bench calibrate does that, on that machine"


@dataclass(frozen=True)
class Fact:
    """A `value` in the unit of its name, who says so, and of what it is; or None and why (`absent`)."""

    value: float | None
    origin: Origin | None = None
    of: str | None = None
    absent: str | None = None


@dataclass(frozen=True)
class StepTime:
    """The handout's time of one network, and by what share it lies above what is expected there.

    `verdict` is None of a published time, and where nothing is expected.
    """

    step_seconds: Fact
    residual: Reading[float]
    verdict: str | None = None


@dataclass(frozen=True)
class HostFacts:
    """A host's score, the roofs that tell most, and the handout's times by network. `lower` names its data type."""

    profile: HostProfile
    ai_score: Fact
    float32_flops_per_second: Fact
    lower_flops_per_second: Fact
    memory_bytes_per_second: Fact
    launch_seconds: Fact
    times: Mapping[str, StepTime]


def host_facts(profiles: Sequence[HostProfile], records: Iterable[Record]) -> tuple[HostFacts, ...]:
    """Those of each host; `records` are all that are stored."""
    newest = handout(profiles, latest(records))
    measured = {
        (host, row.model): record
        for row in newest.rows
        for host, record in row.measured.items()
        if row.batch_size == BATCH_SIZE
    }
    return tuple(
        HostFacts(
            profile=profile,
            ai_score=_score(profile),
            float32_flops_per_second=_peak(profile, "float32"),
            lower_flops_per_second=_lower(profile),
            memory_bytes_per_second=_bandwidth(profile),
            launch_seconds=_roof(profile, "launch_latency"),
            times={
                model: _time(profile, profiles, model, measured.get((profile.id, model))) for model in models(profiles)
            },
        )
        for profile in profiles
    )


def models(profiles: Sequence[HostProfile]) -> tuple[str, ...]:
    """The networks that a time is published for."""
    return tuple(dict.fromkeys(time.model for _, time in published_times(profiles, BATCH_SIZE)))


def _score(profile: HostProfile) -> Fact:
    full = profile.ai_benchmark.get("full")
    if full is not None and full.ai_score is not None:
        return Fact(full.ai_score, "measured", full.date)
    if profile.published is not None and profile.published.ai_score is not None:
        return Fact(profile.published.ai_score, "published", profile.published.source)
    if full is not None:
        return Fact(None, absent=f"AI Benchmark of {full.date}: {full.absent or 'it gave no score'}")
    return Fact(None, absent=_NOT_MEASURED)


def _peak(profile: HostProfile, data_type: DataType) -> Fact:
    measured = profile.peaks.get(data_type)
    if measured is not None:
        return Fact(measured.flops_per_second, "measured", data_type)
    found = peak_of(profile, data_type)
    if found.value is not None:
        return Fact(found.value.flops_per_second, "datasheet", data_type)
    return Fact(None, absent=_without_sheet(profile) or found.reason)


def _lower(profile: HostProfile) -> Fact:
    """The fastest of the lower precisions: a measured one before any datasheet's."""
    found = [_peak(profile, data_type) for data_type in _LOWER]
    known = [one for one in found if one.value is not None]
    if not known:
        sheet = datasheet_for(profile)
        absent = f"{sheet.card} has no products of lower precision with sums in float32" if sheet else None
        lacking = [unsuited(profile.hardware, data_type) or "" for data_type in _LOWER]
        if all(lacking):
            absent = absent or "; ".join(lacking)
        return Fact(None, absent=absent or _without_sheet(profile) or _NOT_MEASURED)
    return max(known, key=lambda one: (one.origin == "measured", one.value or 0.0))


def _bandwidth(profile: HostProfile) -> Fact:
    measured = _roof(profile, "device_bandwidth")
    sheet = datasheet_for(profile)
    if measured.value is not None:
        return measured
    if sheet is not None:
        return Fact(sheet.memory_gb_per_second * 1e9, "datasheet", sheet.source)
    return Fact(None, absent=profile.roofs_absent.get("device_bandwidth") or _without_sheet(profile))


def _roof(profile: HostProfile, name: RoofName) -> Fact:
    roof = profile.roofs.get(name)
    if roof is not None:
        return Fact(roof.value, "measured", roof.of)
    return Fact(None, absent=profile.roofs_absent.get(name, _NOT_MEASURED))


def _without_sheet(profile: HostProfile) -> str | None:
    """Why neither a measurement nor a datasheet tells; None where there is one."""
    if datasheet_for(profile) is not None:
        return None
    hardware = profile.hardware
    if hardware is not None and hardware.mig:
        return f"a MIG slice has no datasheet, and {_NOT_MEASURED}"
    if hardware is not None and hardware.kind == "cpu":
        return _NOT_MEASURED
    return f"no datasheet of {profile.device} is known, and it was {_NOT_MEASURED}"


def _time(profile: HostProfile, profiles: Sequence[HostProfile], model: str, record: Record | None) -> StepTime:
    found = outcome(record, profiles) if record is not None else None
    if found is not None:
        measured = Fact(found.step_seconds, "measured", found.record.started[:10])
        return StepTime(measured, _residual(found), found.verdict)
    for host, time in published_times([profile], BATCH_SIZE, model):
        if host.published is not None:
            published = Fact(time.step_ms / 1e3, "published", host.published.source)
            return StepTime(published, published_residual(profile, profiles, model))
    reason = "not measured: bench run suites/cnn.yaml does that, on that machine"
    return StepTime(Fact(None, absent=reason), Reading(None, reason))


def _residual(found: Outcome) -> Reading[float]:
    """How far from the middle of what is expected; where that has none, the band and where the time fell."""
    expectation = found.expectation.value
    if expectation is None or expectation.middle is not None:
        return found.residual
    return Reading(None, f"{outcome_line(found)} ({found.residual.reason})")
