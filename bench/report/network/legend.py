"""Which colour is which kind of layers, in a line below a drawing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bench.report.network.boxes import FAMILIES
from bench.report.network.shapes import Drawing

__all__ = ["LEGEND", "legend"]

LEGEND: Final = 24.0
"""How tall it is."""

_LETTER, _APART, _EDGE = 6.0, 34.0, 16.0


def legend(drawing: Drawing) -> Iterator[tuple[float, str, str]]:
    """Where each entry begins, its family and its words; as many as the drawing is wide for."""
    x = _EDGE
    for name in drawing.families:
        words = FAMILIES[name]
        width = _LETTER * len(words) + 16
        if x + width > drawing.width:
            return
        yield x, name, words
        x += width + _APART - 16
