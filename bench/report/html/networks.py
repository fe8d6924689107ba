"""Networks as the page shows them: the table of layers, and the drawing as shapes that its scripts make ink of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.report.network.layout import drawing
from bench.report.network.paths import head, line
from bench.report.network.table import layer_table
from bench.results.architecture import Architecture

__all__ = ["network_blocks"]

_DIGITS = 1


def network_blocks(networks: Mapping[str, Architecture]) -> dict[str, Any]:
    """A block of the page for each network, by `network-` and its digest."""
    return {f"network-{digest}": _network(architecture) for digest, architecture in networks.items()}


def _network(architecture: Architecture) -> dict[str, Any]:
    table = layer_table(architecture, "Layers")
    return {
        "columns": [{"heading": column.heading, "align": column.align} for column in table.columns],
        "rows": table.rows,
        "notes": [note.text for note in table.notes],
        "drawing": _drawing(architecture) if architecture.layers else None,
    }


def _drawing(architecture: Architecture) -> dict[str, Any]:
    found = drawing(architecture, "The network")
    return {
        "width": round(found.width, _DIGITS),
        "height": round(found.height, _DIGITS),
        "told": found.told,
        "frames": [(*_sizes(one.x, one.y, one.width, one.height), one.label) for one in found.frames],
        "lines": [line(wire) for wire in found.wires],
        "heads": [head(wire) for wire in found.wires if wire.arrow],
        "boxes": [
            (*_sizes(one.x, one.y, one.width, one.height), one.family, int(one.stacked), one.lines)
            for one in found.boxes
        ],
        "legend": [(*_sizes(x, y), name, words) for x, y, name, words in found.keys],
    }


def _sizes(*values: float) -> tuple[float, ...]:
    return tuple(round(value, _DIGITS) for value in values)
