"""What several devices gain, as plain values for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bench.analyse.scaling.curves import ScalingCurve, ScalingPoint, all_reduce_share
from bench.analyse.stats.ratio import Ratio, Refusal
from bench.results.query import Identity, identity

__all__ = ["scaling_fields"]


def scaling_fields(curves: Sequence[ScalingCurve]) -> Mapping[Identity, dict[str, Any]]:
    """For each cell that shares a step among devices: the cell of one device that it is over, its speed-up and
    efficiency (speed-up over devices) with their 95 % intervals, and the law fitted to all cells that differ from it in
    their devices alone, whose `serial_share` (0..1) more devices don't make shorter. `refused` says why there is none.
    """
    return {identity(point.record): _fields(curve, point) for curve in curves for point in curve.points}


def _fields(curve: ScalingCurve, point: ScalingPoint) -> dict[str, Any]:
    told: dict[str, Any] = {
        "kind": curve.kind,
        "devices": point.devices,
        "logical": point.record.options.logical_devices,
        "over": curve.reference.cell if curve.reference is not None else None,
    }
    share = all_reduce_share(point.record)
    told["all_reduce_share_low"] = share.low if share is not None else None
    told["all_reduce_share_high"] = share.high if share is not None else None
    if isinstance(point.speedup, Refusal):
        return told | {"refused": str(point.speedup)}
    told |= _interval("speedup", point.speedup) | _interval("efficiency", point.efficiency)
    told["verdict_over_fewer"] = point.over_fewer.verdict if point.over_fewer is not None else None
    if curve.fit is not None:
        serial = curve.fit.serial
        told |= {
            "law": curve.fit.law,
            "serial_share": serial.value,
            "serial_share_low": serial.low,
            "serial_share_high": serial.high,
        }
    return told


def _interval(name: str, ratio: Ratio | Refusal) -> dict[str, float]:
    if isinstance(ratio, Refusal):
        return {}
    return {name: ratio.value, f"{name}_low": ratio.low, f"{name}_high": ratio.high}
