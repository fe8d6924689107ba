"""A suite's summary: how much faster or slower each variant is than the baseline, as bars."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bench.analyse.findings.registry import remarks
from bench.analyse.speedup.baseline import baselines
from bench.analyse.speedup.standings import Standings
from bench.analyse.stats.ratio import Ratio
from bench.analyse.stats.spread import UNMEASURED, Spread
from bench.report.core.groups import by_model, panels
from bench.report.core.notes import titled
from bench.report.core.plot_style import BLUE, GREY, INK, ORANGE, TITLE, WIDTH, plain_axes, save, styled
from bench.results.metric import significant
from bench.results.query import Identity, identity
from bench.results.record import Record

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_speedups", "speedup_figure"]

_COLOURS = {"faster": BLUE, "slower": ORANGE, "same": GREY, "undecided": GREY}
_BAND = "#e4e4e4"
_WIDEST = 3.0
"""An interval that spans more than this factor says nothing that a bar could show."""
_TICKS = {  # by how many times as large as its lowest value the axis' highest may be
    1.8: (0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5),
    4: (0.3, 0.5, 0.75, 1, 1.5, 2, 3),
    300: (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200),
    4000: (0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000),
}
_WIDE_TICKS = (0.0001, 0.001, 0.01, 0.1, 1, 10, 100, 1000, 10_000)
_REMARKED = "*"
_BAR = 0.30  # inches
_LABEL = 0.62


def draw_speedups(records: Sequence[Record], host: str, path: Path, spread: Spread = UNMEASURED) -> bool:
    """Draw `speedup_figure` as a PNG at `path` and an SVG beside it. False, and no file, where there is none."""
    figure = speedup_figure(records, host, spread)
    if figure is None:
        return False
    with styled():
        save(figure, path)
    return True


def speedup_figure(records: Sequence[Record], host: str, spread: Spread = UNMEASURED) -> Figure | None:
    """The newest record of each cell of a suite, all from the host of this label and spread; None where nothing can be
    compared.

    A panel for each model (batch size, seed), a bar for each variant on a logarithmic scale, so that twice and half as
    fast are equally long.
    """
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    from bench.report.core.inline_figure import InlineFigure

    records = by_model(records)
    every = Standings(records, {record.host: spread for record in records}).speedups()
    ratios = {key: ratio for key, ratio in every.items() if isinstance(ratio, Ratio)}
    shown_panels = _panels(records, ratios)
    if not shown_panels:
        return None
    across = min(2, len(shown_panels))
    down = -(-len(shown_panels) // across)
    bars = max(map(len, shown_panels.values()))
    # one list of variants stands for both panels beside it where they have the same
    shared = len({tuple(record.variant for record in shown) for shown in shown_panels.values()}) == 1
    baseline = " or ".join(dict.fromkeys(record.variant for record in baselines(records).values()))
    with styled():
        figure = InlineFigure(
            figsize=(WIDTH, down * (bars * _BAR + 0.75) + 0.75), layout=ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.08)
        )
        grid = figure.subplots(down, across, squeeze=False, sharex=True, sharey=shared)
        for axes in grid.flat[len(shown_panels) :]:
            axes.set_visible(False)
        for axes in grid.flat[max(0, len(shown_panels) - across) : len(shown_panels)]:
            axes.tick_params(labelbottom=True)  # the lowest of its column, though a hidden one lies below
        for axes, (title, shown) in zip(grid.flat, shown_panels.items(), strict=False):
            _draw(axes, title, shown, ratios, spread)
        _scale(
            grid.flat[0],
            [one for one in ratios.values() if one.high <= _WIDEST * one.low],
            WIDTH / across - 1.8 / (across if shared else 1),
        )
        title = f"Speed-up over {baseline}\n{textwrap.fill(titled(records, host), TITLE)}"
        figure.suptitle(title, x=0.012, ha="left", weight="bold")
        legend = (
            f"× as fast as {baseline}, with 95 % interval\n"
            "blue faster,  orange slower,  grey undecided, or the same within the band"
        )
        if any(_mark(record, spread) for shown in shown_panels.values() for record in shown):
            legend += f",  {_REMARKED} see the notes"
        figure.supxlabel(legend, x=0.012, ha="left", fontsize=9)
    return figure


def _panels(records: Sequence[Record], ratios: Mapping[Identity, Ratio]) -> dict[str, list[Record]]:
    """The records of each panel but its baseline, by its title; without panels in which nothing was compared."""
    over = {identity(record) for record in baselines(records).values()}
    found = {
        title: [record for record in shown if identity(record) not in over] for title, shown in panels(records).items()
    }
    return {title: shown for title, shown in found.items() if any(identity(record) in ratios for record in shown)}


def _draw(axes: Axes, title: str, records: Sequence[Record], ratios: Mapping[Identity, Ratio], spread: Spread) -> None:
    plain_axes(axes)
    axes.grid(visible=False, axis="y")
    axes.set_title(title)
    axes.set_yticks(range(len(records)), [record.variant for record in records])
    axes.set_ylim(len(records) - 0.5, -0.5)
    axes.axvline(1, color=INK, linewidth=1, zorder=3)
    band = 1 + max(record.protocol.same_within for record in records)
    axes.axvspan(1 / band, band, color=_BAND, linewidth=0, zorder=0)
    for place, record in enumerate(records):
        ratio = ratios.get(identity(record))
        if ratio is None or ratio.high > _WIDEST * ratio.low:
            word = "not comparable" if record.ok else record.status.replace("_", " ")
            word = word if ratio is None else f"undecided: {ratio.low:.2g} to {ratio.high:.2g}"
            axes.annotate(
                word,
                (1, place),
                (5, 0),
                textcoords="offset points",
                va="center",
                color=GREY,
                fontsize=9,
                style="italic",
            )
            continue
        axes.barh(place, ratio.value - 1, left=1, height=0.62, color=_COLOURS[ratio.verdict])
        axes.plot([ratio.low, ratio.high], [place, place], color=INK, linewidth=1.3, marker="|", markersize=5, zorder=4)
        right = ratio.value >= 1
        axes.annotate(
            f"{f'{ratio.value:.2f}' if 0.2 <= ratio.value < 10 else significant(ratio.value)}×{_mark(record, spread)}",
            (max(1, ratio.high) if right else min(1, ratio.low), place),
            (5 if right else -5, 0),
            textcoords="offset points",
            va="center",
            ha="left" if right else "right",
            fontsize=9,
        )


def _mark(record: Record, spread: Spread) -> str:
    """Stands beside a figure on which the suite's table has a remark; synthetic images have the title's word."""
    return f" {_REMARKED}" if remarks(record, spread) else ""


def _scale(axes: Axes, ratios: Sequence[Ratio], inches: float) -> None:
    """A logarithmic axis with room for the labels at both ends, and ticks at numbers that people know."""
    low, high = min([0.9, *(ratio.low for ratio in ratios)]), max([1.1, *(ratio.high for ratio in ratios)])
    room = (high / low) ** (_LABEL / (inches - 2 * _LABEL))
    low, high = low / room, high * room
    axes.set_xscale("log", base=2)
    axes.set_xlim(low, high)
    ticks = next((ticks for span, ticks in _TICKS.items() if high / low <= span), _WIDE_TICKS)
    axes.set_xticks([tick for tick in ticks if low <= tick <= high])
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}×")
    axes.minorticks_off()
