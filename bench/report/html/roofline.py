"""The roofline of each machine: see `bench.report.suite.roofline`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.host.profile import HostProfile
from bench.report.suite.roofline import BYTES_NOTE, RATE, X_TITLE, Y_TITLE, Roof, RoofPoint, points_of, roofs_of
from bench.results.record import Record
from bench.support.plain_text import plain_values

__all__ = ["rooflines"]


def rooflines(cells: Sequence[Record], profiles: Sequence[HostProfile]) -> dict[str, Any]:
    """Roofs and points of each host that has both, in the units of the chart's axes."""
    places = {id(record): place for place, record in enumerate(cells)}
    hosts = []
    for profile in profiles:
        points = [_point(point, places[id(point.record)]) for point in points_of(cells, profile)]
        roofs = [_roof(roof) for roof in roofs_of(profile)] if points else []
        if roofs:
            hosts.append({"host": profile.label, "roofs": roofs, "points": points})
    told: dict[str, Any] = plain_values({"x": X_TITLE, "y": Y_TITLE, "note": BYTES_NOTE, "hosts": hosts})
    return told


def _roof(roof: Roof) -> dict[str, Any]:
    memory = roof.bytes_per_second
    return {
        "text": roof.text,
        "measured": roof.measured,
        "rate": roof.flops_per_second * RATE,
        "per_byte": None if memory is None else memory * RATE,
    }


def _point(point: RoofPoint, cell: int) -> dict[str, Any]:
    return {"cell": cell, "x": point.intensity, "y": point.flops_per_second * RATE, "text": point.text}
