"""The colours of a drawing: Okabe and Ito's, tinted for boxes and full for their borders."""

from __future__ import annotations

from typing import Final

from bench.report.core.plot_style import BLUE, GREEN, GREY, INK, ORANGE

__all__ = ["BACKGROUND", "COLOURS", "INK", "LINE", "QUIET"]

BACKGROUND: Final = "#ffffff"
LINE: Final = "#5c6670"
QUIET: Final = "#3f474f"
_TINT = 0.22


def _tinted(colour: str) -> str:
    """On white.

    >>> _tinted("#000000")
    '#c7c7c7'
    """
    parts = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - part) * _TINT):02x}" for part in parts)


_FULL = {
    "input": GREY,
    "convolution": BLUE,
    "dense": ORANGE,
    "pooling": GREEN,
    "merge": "#CC79A7",
    "sequence": "#E69F00",
    "change": "#56B4E9",
    "other": INK,
}

COLOURS: Final = {name: ("#ffffff" if name == "other" else _tinted(colour), colour) for name, colour in _FULL.items()}
"""By a box's family: what fills it, and its border."""
