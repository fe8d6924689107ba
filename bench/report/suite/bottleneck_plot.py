"""What a suite's steps spend their time on, as stacked bars."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.analyse.bottleneck.breakdown import Attributed, attribute
from bench.analyse.stats.spread import UNMEASURED, Spread
from bench.report.core.groups import by_model
from bench.report.core.notes import titled
from bench.report.core.plot_style import COLOURS, TITLE, TITLE_LINE, WIDTH, plain_axes, save, styled
from bench.results.record import Record

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["SHARES", "draw_bottlenecks", "shares_of"]

SHARES: Final = ("computation", "host overhead", "waiting for input", "unexplained")
"""What a step's time is told apart into, as charts name it."""

_BAR = 0.32  # inches
_AROUND = 1.25
_HATCHES = ("", "///", "...", "xx")
"""Beside colours, for those who see none."""
_NAMED_FROM = 8.0
"""Per cent from which a share's number fits into its bar."""


def shares_of(found: Attributed) -> tuple[float, ...]:
    """Of a step, in per cent, in the order of `SHARES`; they add up to 100."""
    parts = (found.compute_share, found.host_share, found.input_share, found.unexplained_share)
    return tuple(100 * share for share in parts)


def draw_bottlenecks(records: Sequence[Record], host: str, path: Path, spread: Spread = UNMEASURED) -> bool:
    """Draw the cells of a suite whose loops were run, on the host of this label, as a PNG at `path` and an SVG beside
    it. False, and no file, where there are none that can be told."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    found = [(record, attribute(record, spread)) for record in by_model(records) if record.attribution is not None]
    told = [(record.cell, shares_of(one)) for record, one in found if isinstance(one, Attributed)]
    if not told:
        return False
    lines = textwrap.wrap(titled(records, host), TITLE)
    height = _AROUND + _BAR * len(told) + TITLE_LINE * len(lines)
    with styled():
        figure = Figure(figsize=(WIDTH, height), layout=ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.08))
        axes = figure.subplots()
        _draw(axes, told)
        figure.suptitle("\n".join(("Bottleneck of each step", *lines)), x=0.012, ha="left", weight="bold")
        figure.legend(loc="outside lower left", ncols=len(SHARES), frameon=False, fontsize=9)
        save(figure, path)
    return True


def _draw(axes: Axes, told: Sequence[tuple[str, Sequence[float]]]) -> None:
    plain_axes(axes)
    axes.grid(visible=False, axis="y")
    axes.set_yticks(range(len(told)), [cell for cell, _ in told])
    axes.set_ylim(len(told) - 0.5, -0.5)
    axes.set_xlim(0, 100)
    axes.set_xlabel("share of a step, %")
    begins = [0.0] * len(told)
    for place, (name, hatch) in enumerate(zip(SHARES, _HATCHES, strict=True)):
        widths = [shares[place] for _, shares in told]
        axes.barh(
            range(len(told)),
            widths,
            left=begins,
            height=0.66,
            color=COLOURS[place],
            edgecolor="white",
            hatch=hatch,
            linewidth=0.6,
            label=name,
        )
        for row, (begin, width) in enumerate(zip(begins, widths, strict=True)):
            if width >= _NAMED_FROM:
                box = {"facecolor": "white", "edgecolor": "none", "pad": 1.2}
                axes.text(begin + width / 2, row, f"{width:.0f}", ha="center", va="center", fontsize=8, bbox=box)
        begins = [begin + width for begin, width in zip(begins, widths, strict=True)]
