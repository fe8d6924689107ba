"""A drawing by matplotlib, as PNG or PDF."""

from __future__ import annotations

import io
from typing import Any

from bench.report.core.plot_style import styled
from bench.report.network.colours import BACKGROUND, COLOURS, INK, LINE, QUIET
from bench.report.network.shapes import Box, Drawing, Frame, Wire

__all__ = ["painted"]

_POINT = 0.75
"""Of a pixel, at 96 to an inch."""
_METADATA = {"png": "Software", "pdf": "CreationDate"}
_MOST_PIXELS = 2**15
"""On a side of a PNG: matplotlib's own bound is twice that."""


def painted(drawing: Drawing, form: str) -> bytes:
    """The file's content, `form` is png or pdf; equal drawings give equal files."""
    from matplotlib.figure import Figure

    with styled():
        width, height = drawing.width, drawing.height
        figure = Figure(figsize=(width / 96, height / 96))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, width)
        axes.set_ylim(height, 0)
        axes.axis("off")
        for frame in drawing.frames:
            _frame(axes, frame)
        for wire in drawing.wires:
            _wire(axes, wire)
        for box in drawing.boxes:
            _box(axes, box)
        for x, y, name, words in drawing.keys:
            fill, stroke = COLOURS[name]
            _patch(axes, x, y, 11, 11, 2, facecolor=fill, edgecolor=stroke)
            axes.text(x + 16, y + 10, words, fontsize=9.5 * _POINT, color=QUIET)
        made = io.BytesIO()
        dots = min(192.0, _MOST_PIXELS / max(width, height) * 96)
        metadata = {_METADATA[form]: None, **({"Title": drawing.title} if form == "pdf" else {})}
        figure.savefig(made, format=form, dpi=dots, facecolor=BACKGROUND, metadata=metadata)
        return made.getvalue()


def _box(axes: Any, box: Box) -> None:
    fill, stroke = COLOURS[box.family]
    for shift in (4, 0) if box.stacked else (0,):
        _patch(axes, box.x + shift, box.y + shift, box.width, box.height, 4, facecolor=fill, edgecolor=stroke)
    middle = box.x + box.width / 2
    for place, line in enumerate(box.lines):
        style: dict[str, Any] = {"fontweight": "bold", "color": INK} if not place else {"color": QUIET}
        size = (10.8 if not place else 9.6) * _POINT
        axes.text(middle, box.y + 17 + 14 * place, line, ha="center", fontsize=size, zorder=4, **style)


def _frame(axes: Any, frame: Frame) -> None:
    style: dict[str, Any] = {"facecolor": "#f6f7f9", "edgecolor": LINE, "linestyle": (0, (5, 3)), "zorder": 0.5}
    _patch(axes, frame.x, frame.y, frame.width, frame.height, 8, **style)
    axes.text(frame.x + 8, frame.y + 16, frame.label, fontsize=12 * _POINT, fontweight="bold", color=INK, zorder=4)


def _wire(axes: Any, wire: Wire) -> None:
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    style = "-|>" if wire.arrow else "-"
    patch = FancyArrowPatch(
        path=Path(wire.points), arrowstyle=style, mutation_scale=7, color=LINE, linewidth=1.0, shrinkA=0, shrinkB=0,
        joinstyle="round", zorder=2,
    )  # fmt: skip
    axes.add_patch(patch)


def _patch(axes: Any, x: float, y: float, width: float, height: float, radius: float, **style: Any) -> None:
    from matplotlib.patches import FancyBboxPatch

    boxstyle = f"round,pad=0,rounding_size={radius}"
    options: dict[str, Any] = {"linewidth": 0.9, "zorder": 3, **style}
    axes.add_patch(FancyBboxPatch((x, y), width, height, boxstyle=boxstyle, **options))
