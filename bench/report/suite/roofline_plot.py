"""A machine's roofline as a figure."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bench.host.profile import HostProfile
from bench.report.core.log_axis import log_axis, with_prefix
from bench.report.core.plot_style import COLOURS, MARKERS, TITLE, TITLE_LINE, WIDTH, plain_axes, save, styled
from bench.report.suite.roofline import BYTES_NOTE, RATE, X_TITLE, Y_TITLE, Roof, RoofPoint, points_of, roofs_of
from bench.results.record import Record

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_roofline"]

_HEIGHT = 4.2
_LINE = 0.19  # inches of a line of the legend
_BEYOND = 3.0
"""How far the axis of operations a byte goes beyond what is on it, as a factor."""
_NOTE = 100
"""Characters of the note on a line."""


def draw_roofline(records: Sequence[Record], profile: HostProfile, path: Path) -> bool:
    """Draw roofs and cells of a host as a PNG at `path` and an SVG beside it. False, and no file, where either lacks.

    Measured roofs are solid lines, a datasheet's are dashed; each network has a colour and a sign.
    """
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    points, roofs = list(points_of(records, profile)), roofs_of(profile)
    if not points or not roofs:
        return False
    networks = list(dict.fromkeys(point.record.model for point in points))
    title = textwrap.wrap(f"Roofline of {profile.label}", TITLE)
    note = textwrap.wrap(f"solid roofs were measured, dashed ones are a datasheet's; {BYTES_NOTE}", _NOTE)
    height = _HEIGHT + _LINE * (len(roofs) + len(networks) + len(note)) + TITLE_LINE * (len(title) - 1)
    with styled():
        figure = Figure(figsize=(WIDTH, height), layout=ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.08))
        axes = figure.subplots()
        _draw(axes, roofs, points, networks)
        figure.suptitle("\n".join(title), x=0.012, ha="left", weight="bold")
        axes.set_xlabel("\n".join((X_TITLE, *note)), fontsize=9)
        figure.legend(loc="outside lower left", frameon=False, fontsize=8)
        save(figure, path)
    return True


def _draw(axes: Axes, roofs: Sequence[Roof], points: Sequence[RoofPoint], networks: Sequence[str]) -> None:
    plain_axes(axes)
    ridges = [roof.flops_per_second / roof.bytes_per_second for roof in roofs if roof.bytes_per_second]
    places = [*(point.intensity for point in points), *ridges]
    low, high = min(places) / _BEYOND, max(places) * _BEYOND
    heights = [point.flops_per_second * RATE for point in points]
    for place, roof in enumerate(roofs):
        corners = sorted({low, high, *(ridge for ridge in ridges if low < ridge < high)})
        rates = [roof.at(corner) * RATE for corner in corners]
        style = "solid" if roof.measured else "dashed"
        colour = COLOURS[(place + len(networks)) % len(COLOURS)]
        axes.plot(corners, rates, color=colour, linestyle=style, linewidth=1.6, label=roof.text)
        heights.append(roof.flops_per_second * RATE)
    for place, network in enumerate(networks):
        own = [point for point in points if point.record.model == network]
        axes.plot(
            [point.intensity for point in own],
            [point.flops_per_second * RATE for point in own],
            MARKERS[place % len(MARKERS)],
            color=COLOURS[place % len(COLOURS)],
            markersize=6.5,
            markeredgecolor="white",
            label=network,
        )
    log_axis(axes.xaxis, [low, high], with_prefix, 1.0)
    log_axis(axes.yaxis, heights, with_prefix, 1.4)
    axes.set_ylabel(Y_TITLE)
