"""A matplotlib figure that a notebook shows where a cell ends in it."""

from __future__ import annotations

import io

from matplotlib.figure import Figure

from bench.report.core.plot_style import styled

__all__ = ["InlineFigure"]


class InlineFigure(Figure):
    """IPython knows how to show a plain `Figure` only once pyplot was imported, and these are drawn without it."""

    def _repr_png_(self) -> bytes:
        drawn = io.BytesIO()
        with styled():
            self.savefig(drawn, format="png", dpi=100, facecolor="white")
        return drawn.getvalue()
