"""The colours of the figures, on white paper and on a dark screen."""

from __future__ import annotations

from typing import Any

from bench.report.core.plot_style import BLUE, COLOURS, GREY, INK, ORANGE

__all__ = ["palette"]

_LIGHT_INK = "#EEEEEE"


def palette() -> dict[str, Any]:
    """By the verdict on a speed-up, and in a row for what is told apart by colour; on dark, ink is light."""
    dark = [_LIGHT_INK if colour == INK else colour for colour in COLOURS]
    verdicts = {"faster": BLUE, "slower": ORANGE, "same": GREY, "undecided": GREY}
    return {"verdicts": verdicts, "light": list(COLOURS), "dark": dark}
