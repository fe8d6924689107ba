"""What several devices gain: a suite's cells that share a step, on one host."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

from bench.analyse.scaling.curves import ScalingCurve, ScalingPoint, all_reduce_share
from bench.analyse.scaling.fits import ScalingFit
from bench.analyse.stats.ratio import Ratio, Refusal
from bench.report.core.footnotes import Footnotes
from bench.report.core.speedup_text import speedup_text
from bench.report.core.table import Heading, Note, Table
from bench.results.metric import ABSENT, with_margin
from bench.results.metrics import METRICS
from bench.results.record import Record

__all__ = ["KINDS", "fit_text", "paying_text", "scaling_table"]

_LEAST = 0.1
"""Twice as many devices that gain less than this share don't pay."""
_FIGURES = ("step_seconds", "images_per_second")
_SHARE = "all_reduce_share"
_SHARED = (_SHARE, "peak_gpu_nvml_bytes", "gpu_energy_joules")
_OF_ALL = dict.fromkeys(_SHARED[1:], "; of all devices together")
KINDS: Final = {"strong": "one batch shared", "weak": "a batch each"}
"""How the devices of each kind of curve have their batches."""


def scaling_table(curves: Sequence[ScalingCurve], host: str) -> Table | None:
    """The curves of one suite on the host of this label; None where there are none."""
    if not curves:
        return None
    records = [point.record for curve in curves for point in curve.points]
    shown = [name for name in _SHARED if any(METRICS[name].read(record) is not None for record in records)]
    notes = Footnotes()
    rows = [_row(curve, point, shown, notes) for curve in curves for point in _with_reference(curve)]
    columns = (
        *map(Heading, ("cell", "scaling")),
        *(Heading(name, "right") for name in ("devices", "batch of each")),
        *(Heading(METRICS[name].heading, "right") for name in _FIGURES),
        *(Heading(name, "right") for name in ("speed-up over one device", "efficiency, %")),
        *(Heading(METRICS[name].heading, "right") for name in shown),
    )
    return Table(
        title=f"Scaling over devices — {host}",
        columns=columns,
        rows=tuple(rows),
        notes=(*_told(curves), *notes.notes(), *_legend(records, shown)),
    )


def _with_reference(curve: ScalingCurve) -> Iterator[ScalingPoint | Record]:
    if curve.reference is not None:
        yield curve.reference
    yield from curve.points


def _row(curve: ScalingCurve, one: ScalingPoint | Record, shown: Sequence[str], notes: Footnotes) -> tuple[str, ...]:
    record = one if isinstance(one, Record) else one.record
    figures = [METRICS[name].show(record, unit=False) for name in _FIGURES]
    if isinstance(one, Record):
        gain = ["1", "100"]
    elif isinstance(one.speedup, Refusal):
        gain = [
            f"{ABSENT if record.ok else record.status.replace('_', ' ')} ({notes.marks([str(one.speedup)])})",
            ABSENT,
        ]
    else:
        gain = [speedup_text(one.speedup, mark=False), _per_cent(one.efficiency)]
    return (
        record.cell,
        KINDS[curve.kind],
        f"{record.options.devices}{' logical' if record.options.logical_devices else ''}",
        f"{record.global_batch_size // record.options.devices:,}",
        *figures,
        *gain,
        *(_share(record) if name == _SHARE else METRICS[name].show(record, unit=False) for name in shown),
    )


def _share(record: Record) -> str:
    share = all_reduce_share(record)
    if share is None:
        return ABSENT
    return with_margin(share.value * 100, (share.high - share.low) / 2 * 100)


def _per_cent(ratio: Ratio | Refusal) -> str:
    if isinstance(ratio, Refusal):
        return ABSENT
    return with_margin(ratio.value * 100, ratio.margin * ratio.value * 100)


def _told(curves: Sequence[ScalingCurve]) -> Iterator[Note]:
    """By which law, and up to how many devices it pays."""
    for curve in curves:
        if curve.fit is not None and curve.reference is not None:
            text = f"{fit_text(curve.fit)}; {paying_text(curve)}"
            yield Note(f"{curve.reference.cell}, {KINDS[curve.kind]}: {text}")


def fit_text(found: ScalingFit) -> str:
    """`Amdahl's law: 4.2 ± 0.3 % of a step isn't shared …`."""
    serial = found.serial
    text = with_margin(serial.value * 100, (serial.high - serial.low) / 2 * 100)
    text = f"{found.law}'s law: {text} % of a step isn't shared"
    end = found.pays_below(_LEAST)
    if end is None:
        return text
    first, low, high = map(_count, (end.value, end.low, end.high))
    return f"{text}, so that twice as many devices gain less than {_LEAST * 100:g} % from {first} ({low} to {high})"


def _count(devices: float) -> str:
    return "any number" if math.isinf(devices) else f"{max(1, round(devices)):,}"


def paying_text(curve: ScalingCurve) -> str:
    """Up to how many devices more of them were surely faster, as measured."""
    last = curve.last_that_pays
    later = [one for one in curve.points if one.devices > (last.devices if last else 1) and one.over_fewer is not None]
    paid = f"each step up to {last.devices} devices was faster" if last else "more devices were not surely faster"
    if later and later[0].over_fewer is not None and isinstance(later[0].over_fewer.ratio, Ratio):
        ratio = later[0].over_fewer.ratio
        paid += f", {later[0].devices} over the number before it {speedup_text(ratio)}"
    return paid


def _legend(records: Sequence[Record], shown: Sequence[str]) -> Iterator[Note]:
    yield Note(
        "speed-up: examples a second over plain training on one device, without a strategy; efficiency: that over the "
        "number of devices; ± is half of a 95 % interval, as of other speed-ups"
    )
    yield Note("a law is fitted to all of a cell's numbers of devices, and promises nothing beyond the largest of them")
    if any(record.options.logical_devices and record.options.devices > 1 for record in records):
        yield Note("logical: devices of one processor, which share its cores; these rows say nothing of several cards")
    remarks = dict.fromkeys(
        remark for record in records if record.replication is not None for remark in record.replication.remarks
    )
    yield from (Note(f"on several devices, {remark}") for remark in remarks)
    for name in shown:
        yield Note(f"{METRICS[name].title} – {METRICS[name].legend}{_OF_ALL.get(name, '')}")
    several = [record for record in records if record.ok and record.options.devices > 1]
    if several and _SHARE not in shown:
        yield Note(f"all-reduce: {METRICS[_SHARE].why_absent(several[0])}")
