"""The roofline of a machine: what it can do at most, measured and by its card's datasheet, and its cells below that.

Williams, Waterman & Patterson, *Roofline*, CACM 52, 2009: a step's arithmetic over the bytes that it moves says which
of the two roofs is the lower one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

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

__all__ = ["BYTES_NOTE", "RATE", "RATE_UNIT", "X_TITLE", "Y_TITLE", "Roof", "RoofPoint", "points_of", "roofs_of"]

RATE: Final = 1e-9
RATE_UNIT: Final = "GFLOP/s"
X_TITLE: Final = "operations a byte, FLOP/B"
Y_TITLE: Final = f"rate achieved, {RATE_UNIT}"
BYTES_NOTE: Final = (
    "bytes are the least that a step moves in float32 where nothing stays in caches, counted from the layers of the "
    "handout's networks; other networks have no place here"
)

_TYPES: Final[tuple[DataType, ...]] = ("float32", "tf32", "float16", "bfloat16")


@dataclass(frozen=True)
class Roof:
    """FLOP/s, and bytes a second where they are known, in words too; `measured`, or else a datasheet's."""

    text: str
    measured: bool
    flops_per_second: float
    bytes_per_second: float | None

    def at(self, intensity: float) -> float:
        """FLOP/s at most at so many operations a byte."""
        if self.bytes_per_second is None:
            return self.flops_per_second
        return min(self.flops_per_second, self.bytes_per_second * intensity)


@dataclass(frozen=True)
class RoofPoint:
    """A record's operations a byte, the FLOP/s that it achieved, and that in words."""

    record: Record
    intensity: float
    flops_per_second: float
    text: str


def roofs_of(profile: HostProfile) -> tuple[Roof, ...]:
    """What was measured on the host, then its card's datasheet."""
    return tuple(_roofs(profile))


def points_of(records: Iterable[Record], profile: HostProfile) -> Iterator[RoofPoint]:
    """Those records of the host of which work and bytes are known."""
    for record in records:
        work = WORK.get(record.workload.model.network)
        if record.host != profile.id or not record.ok or work is None or record.workload.data.shape != INPUT_SHAPE:
            continue
        found = efficiency(record, profile)
        achieved, share = found.achieved_flops_per_second.value, found.mfu.value
        if achieved is None or record.options.image_size is not None or record.options.strategy:
            continue  # the roofs are one device's, and at other sizes the bytes aren't known
        of_peak = "" if share is None else f", {share:.1%} of the peak"
        yield RoofPoint(
            record,
            work.step_flops(record.batch_size) / work.step_bytes(record.batch_size),
            achieved,
            f"{significant(achieved * RATE)} {RATE_UNIT}{of_peak}",
        )


def _roofs(profile: HostProfile) -> Iterator[Roof]:
    sheet, bandwidth = datasheet_for(profile), profile.roofs.get("device_bandwidth")
    memory = bandwidth.value if bandwidth else None
    for kind in _TYPES:
        peak = profile.peaks.get(kind)
        if peak is not None:
            text = f"{roof_title(kind)}, measured {peak.date}: {roof_text(kind, peak)}"
            yield Roof(text, True, peak.flops_per_second, memory)
    if sheet is not None:
        yield from _of_datasheet(sheet)


def _of_datasheet(sheet: Datasheet) -> Iterator[Roof]:
    for kind in _TYPES:
        teraflops: float | None = getattr(sheet, kind)
        if teraflops is not None:
            text = f"{roof_title(kind)}, datasheet: {significant(teraflops)} TFLOP/s"
            yield Roof(text, False, teraflops * 1e12, sheet.memory_gb_per_second * 1e9)
