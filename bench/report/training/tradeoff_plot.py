"""What accuracy costs: that of each trained cell of a suite by training time, by parameters and by memory."""

from __future__ import annotations

import statistics
import textwrap
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.analyse.training.accuracy import judged_by, mean_of_metric, values_of
from bench.analyse.training.seeds import Repeats
from bench.report.core.log_axis import log_axis, with_prefix
from bench.report.core.notes import titled
from bench.report.core.plot_style import COLOURS, GREY, MARKERS, TITLE, TITLE_LINE, WIDTH, plain_axes, save, styled
from bench.results.metrics import METRICS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_tradeoff"]

_COSTS = ("training_seconds", "trainable_params", "train_state_bytes")
_MOST_NAMED = 24
"""Cells that each have a colour and sign of their own, at most; of more, each network has one."""
_WIDE = 4.0  # from this factor between the least and the most on an axis is logarithmic
_LINE = 0.19  # inches of a line of the legend


@dataclass(frozen=True)
class _Point:
    """A cell's accuracy in per cent, its seeds' standard deviation, what it costs, and who it belongs to."""

    accuracy: float
    deviation: float
    costs: Mapping[str, float | None]
    name: str


def draw_tradeoff(cells: Sequence[Repeats], host: str, path: Path) -> bool:
    """Draw the trained cells of a suite, from the host of this label, as a PNG at `path` and an SVG beside it.

    A thin line joins those that no other cell betters in both. A cost that is the same for all has no panel. False, and
    no file, where fewer than two were trained, or none costs more than another.
    """
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    cells = [cell for cell in cells if cell.trained]
    if len(cells) < 2:
        return False
    metric = judged_by(record for cell in cells for record in cell.trained)
    points = _points(cells, metric)
    panels = [cost for cost in _COSTS if len({point.costs[cost] for point in points} - {None}) > 1]
    if not panels:
        return False
    names = list(dict.fromkeys(point.name for point in points))
    across = _across(names)
    lines = textwrap.wrap(titled([cell.first for cell in cells], host), TITLE)
    height = 3.2 + _LINE * -(-len(names) // across) + TITLE_LINE * (len(lines) - 1)
    with styled():
        figure = Figure(figsize=(WIDTH, height), layout=ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.08, wspace=0.05))
        every = figure.subplots(1, len(panels), squeeze=False, sharey=True)[0]
        for axes, cost in zip(every, panels, strict=True):
            _draw(axes, cost, points, names)
        data = ", synthetic images" if any(cell.synthetic for cell in cells) else ""
        told = METRICS[metric]
        every[0].set_ylabel(f"{told.title}, {told.unit}")
        title = "\n".join((f"What accuracy costs{data}", *lines))
        figure.suptitle(title, x=0.012, ha="left", weight="bold")
        _legend(figure, names, across)
        save(figure, path)
    return True


def _points(cells: Sequence[Repeats], metric: str) -> list[_Point]:
    scale, naming = METRICS[metric].scale, _naming(cells)
    found = []
    for cell in cells:
        values = values_of(cell.trained, metric)
        if values:
            deviation = statistics.stdev(values) if len(values) > 1 else 0.0
            costs = {cost: mean_of_metric(cell.trained, cost) for cost in _COSTS}
            found.append(_Point(statistics.fmean(values) * scale, deviation * scale, costs, naming(cell)))
    return found


def _naming(cells: Sequence[Repeats]) -> Callable[[Repeats], str]:
    """The cell's model, with variant and batch size where they aren't the usual ones; of very many its network alone.

    The usual ones are those of most cells.
    """
    if len(cells) > _MOST_NAMED:
        return lambda cell: cell.first.workload.model.network
    variant, batch = (
        Counter(getattr(cell.first, name) for cell in cells).most_common(1)[0][0] for name in ("variant", "batch_size")
    )
    models = len({cell.first.model for cell in cells})

    def name(cell: Repeats) -> str:
        parts = [cell.first.variant] * (cell.first.variant != variant)
        parts += [f"b{cell.first.batch_size}"] * (cell.first.batch_size != batch)
        return "/".join([cell.first.model, *parts] if models > 1 else parts or [variant])

    return name


def _draw(axes: Axes, cost: str, points: Sequence[_Point], names: Sequence[str]) -> None:
    plain_axes(axes)
    metric = METRICS[cost]
    shown = [(value * metric.scale, point) for point in points if (value := point.costs[cost]) is not None]
    front = _front(shown)
    axes.step(*zip(*front, strict=True), where="post", color=GREY, linewidth=0.9, alpha=0.6, zorder=1)
    for value, point in shown:
        place = names.index(point.name)
        colour, sign = COLOURS[place % len(COLOURS)], MARKERS[(place // len(COLOURS)) % len(MARKERS)]
        if point.deviation:
            ends = [point.accuracy - point.deviation, point.accuracy + point.deviation]
            axes.plot([value, value], ends, color=colour, linewidth=1, alpha=0.6, zorder=2)
        axes.plot([value], [point.accuracy], sign, color=colour, markersize=6.5, markeredgecolor="white", zorder=3)
    values = [value for value, _ in shown]
    if max(values) >= _WIDE * min(values) > 0:
        log_axis(axes.xaxis, values, with_prefix, 1.25)
    else:
        room = 0.12 * (max(values) - min(values)) or 0.1 * max(values) or 1.0
        axes.set_xlim(max(0.0, min(values) - room), max(values) + room)
        axes.locator_params(axis="x", nbins=3)
        axes.xaxis.set_major_formatter(lambda value, _: with_prefix(value))
    axes.set_xlabel(metric.heading)


def _front(shown: Sequence[tuple[float, _Point]]) -> list[tuple[float, float]]:
    """Those that no other betters, the cheapest first."""
    found: list[tuple[float, float]] = []
    for value, point in sorted(shown, key=lambda one: (one[0], -one[1].accuracy)):
        if not found or point.accuracy > found[-1][1]:
            found.append((value, point.accuracy))
    return found


def _across(names: Sequence[str]) -> int:
    """Columns of the legend that fit into the figure's width."""
    longest = max(map(len, names))
    return max(1, min(len(names), 5, int(118 / (longest + 5))))


def _legend(figure: Figure, names: Sequence[str], across: int) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D(
            [],
            [],
            linestyle="none",
            color=COLOURS[place % len(COLOURS)],
            marker=MARKERS[(place // len(COLOURS)) % len(MARKERS)],
            markersize=6.5,
            markeredgecolor="white",
            label=name,
        )
        for place, name in enumerate(names)
    ]
    figure.legend(handles=handles, loc="outside lower left", ncols=across, frameon=False, fontsize=8, handletextpad=0.2)
