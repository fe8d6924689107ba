"""The roofline of each machine: what it can do at most, measured and by its card's datasheet, and the cells below it.

Williams, Waterman & Patterson, *Roofline*, CACM 52, 2009: a step's arithmetic over the bytes that it moves says which
of the two roofs is the lower one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from bench.analyse.efficiency import efficiency
from bench.analyse.expectation.handout import INPUT_SHAPE
from bench.analyse.expectation.handout_work import WORK
from bench.host.datasheets import Datasheet
from bench.host.measured import DataType
from bench.host.peaks import datasheet_for
from bench.host.profile import HostProfile
from bench.report.hosts.roofs_table import roof_text, roof_title
from bench.results.metric import significant
from bench.results.record import Record
from bench.support.plain_text import plain_values

__all__ = ["rooflines"]

_TYPES: Final[tuple[DataType, ...]] = ("float32", "tf32", "float16", "bfloat16")
_RATE, _RATE_UNIT = 1e-9, "GFLOP/s"
_BYTES: Final = (
    "bytes are the least that a step moves in float32 where nothing stays in caches, counted from the layers of the "
    "handout's networks; other networks have no place here"
)


def rooflines(cells: Sequence[Record], profiles: Sequence[HostProfile]) -> dict[str, Any]:
    """Roofs and points of each host that has both, in the units of the chart's axes."""
    hosts = [_host(profile, list(_points(cells, profile))) for profile in profiles]
    told: dict[str, Any] = plain_values(
        {
            "x": "operations a byte, FLOP/B",
            "y": f"rate achieved, {_RATE_UNIT}",
            "note": _BYTES,
            "hosts": [host for host in hosts if host["points"] and host["roofs"]],
        }
    )
    return told


def _host(profile: HostProfile, points: list[dict[str, Any]]) -> dict[str, Any]:
    return {"host": profile.label, "roofs": list(_roofs(profile)) if points else [], "points": points}


def _roofs(profile: HostProfile) -> Iterator[dict[str, Any]]:
    sheet, bandwidth = datasheet_for(profile), profile.roofs.get("device_bandwidth")
    memory = bandwidth.value if bandwidth else None
    for kind in _TYPES:
        peak = profile.peaks.get(kind)
        if peak is not None:
            text = f"{roof_title(kind)}, measured {peak.date}: {roof_text(kind, peak)}"
            yield _roof(text, True, peak.flops_per_second, memory)
    if sheet is not None:
        yield from _of_datasheet(sheet)


def _of_datasheet(sheet: Datasheet) -> Iterator[dict[str, Any]]:
    for kind in _TYPES:
        teraflops: float | None = getattr(sheet, kind)
        if teraflops is not None:
            text = f"{roof_title(kind)}, datasheet: {significant(teraflops)} TFLOP/s"
            yield _roof(text, False, teraflops * 1e12, sheet.memory_gb_per_second * 1e9)


def _roof(text: str, measured: bool, flops: float, memory: float | None) -> dict[str, Any]:
    return {
        "text": text,
        "measured": measured,
        "rate": flops * _RATE,
        "per_byte": None if memory is None else memory * _RATE,
    }


def _points(cells: Sequence[Record], profile: HostProfile) -> Iterator[dict[str, Any]]:
    for place, record in enumerate(cells):
        work = WORK.get(record.workload.model.network)
        if record.host != profile.id or not record.ok or work is None or record.workload.data.shape != INPUT_SHAPE:
            continue
        found = efficiency(record, profile)
        achieved, share = found.achieved_flops_per_second.value, found.mfu.value
        if achieved is None or record.options.image_size is not None:
            continue
        of_peak = "" if share is None else f", {share:.1%} of the peak"
        yield {
            "cell": place,
            "x": work.step_flops(record.batch_size) / work.step_bytes(record.batch_size),
            "y": achieved * _RATE,
            "text": f"{significant(achieved * _RATE)} {_RATE_UNIT}{of_peak}",
        }
