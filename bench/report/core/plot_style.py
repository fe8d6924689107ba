"""How figures look. Colours are Okabe and Ito's, which the colour-blind tell apart."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench.support.files import write_whole

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "BLUE",
    "COLOURS",
    "FAINT",
    "GREEN",
    "GREY",
    "INK",
    "MARKERS",
    "ORANGE",
    "TITLE",
    "WIDTH",
    "plain_axes",
    "save",
    "styled",
    "vector",
]

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#8C8C8C"
COLOURS = (BLUE, ORANGE, GREEN, "#CC79A7", "#E69F00", "#56B4E9", "#222222")
"""For things that are told apart by colour; yellow is left out, which white swallows."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
"""Beside colours, for those who see none."""
INK, FAINT = "#222222", "#DDDDDD"

WIDTH = 8.4
"""Inches; at 100 dots an inch the width of a README's column, and saved at twice that."""

TITLE = 80
"""Characters of a figure's title on a line."""

TITLE_LINE = 0.2
"""Inches of each."""


@contextmanager
def styled() -> Iterator[None]:
    """Draw within this; nothing of the user's own matplotlib settings shows."""
    import matplotlib as mpl

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(
            {
                "font.size": 10,
                "text.color": INK,
                "axes.edgecolor": GREY,
                "axes.labelcolor": INK,
                "axes.titlesize": 10,
                "axes.titlelocation": "left",
                "xtick.color": GREY,
                "ytick.color": GREY,
                "xtick.labelcolor": INK,
                "ytick.labelcolor": INK,
                "svg.fonttype": "path",  # the same letters everywhere, whatever fonts there are
                "svg.hashsalt": "bench",  # the names of its parts are hashes, random without one
                "text.parse_math": False,  # a name with two dollar signs is no formula
            }
        )
        yield


def plain_axes(axes: Axes) -> None:
    """No box, no ticks, a faint grid behind the data."""
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0)
    axes.set_axisbelow(True)
    axes.grid(color=FAINT, linewidth=0.8)


def save(figure: Figure, path: Path) -> None:
    """Write a PNG at `path` and an SVG beside it, each whole or not at all; equal figures give equal files.

    Raises what `bench.support.files.write_whole` raises.
    """
    for place, metadata in ((path, {"Software": None}), (vector(path), {"Date": None, "Creator": None})):
        drawn = io.BytesIO()
        figure.savefig(drawn, format=place.suffix[1:], dpi=200, facecolor="white", metadata=metadata)
        write_whole(place, drawn.getvalue(), sync=False)


def vector(path: Path) -> Path:
    """Where the SVG of the PNG at `path` lies."""
    return path.with_suffix(".svg")
