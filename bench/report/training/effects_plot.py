"""What each setting does to accuracy, as a figure: a panel for each, a point with its interval for each value."""

from __future__ import annotations

import statistics
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bench.analyse.training.effects import Effect, Level
from bench.report.core.change_text import gain_text
from bench.report.core.plot_style import BLUE, GREY, INK, ORANGE, TITLE, WIDTH, plain_axes, save, styled
from bench.report.training.effects_table import shown_effects
from bench.report.training.effects_text import effect_title, level_text
from bench.results.metrics import METRICS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_effects"]

_COLOURS = {"above": BLUE, "below": ORANGE, "around": GREY}
_ROW = 0.32  # inches of a value
_LABEL = 0.2  # share of an axis that the text at its highest point takes
_TEXT, _HEADING = 24, 44  # characters on a line


def draw_effects(effects: Sequence[Effect], title: str, path: Path) -> bool:
    """Draw the effects of a suite as a PNG at `path` and an SVG beside it; `title` names suite and host.

    False, and no file, where there is none to show.
    """
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    shown = [one for one in shown_effects(effects) if all(level.values for level in one.levels)]
    if not shown:
        return False
    metric = METRICS[shown[0].metric]
    across = min(2, len(shown))
    rows = [shown[start : start + across] for start in range(0, len(shown), across)]
    heights = [_ROW * max(len(one.levels) for one in row) + 0.62 for row in rows]
    with styled():
        figure = Figure(
            figsize=(WIDTH, sum(heights) + 1.0), layout=ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.06, wspace=0.04)
        )
        grid = figure.subplots(len(rows), across, squeeze=False, sharex=True, height_ratios=heights)
        for axes in grid.flat[len(shown) :]:
            axes.set_visible(False)
        for place, (axes, effect) in enumerate(zip(grid.flat, shown, strict=False)):
            _draw(axes, effect, metric.scale)
            axes.set_ylim(max(len(one.levels) for one in rows[place // across]) - 0.4, -0.6)  # equal distances
            axes.tick_params(labelbottom=True)
        _limit(grid.flat[0], shown, metric.scale)
        data = ", synthetic images" if any(one.synthetic for one in shown) else ""
        heading = f"What each choice does to accuracy{data}\n{textwrap.fill(title, TITLE)}"
        figure.suptitle(heading, x=0.012, ha="left", weight="bold")
        figure.supxlabel(_legend(shown, f"{metric.title}, {metric.unit}"), x=0.012, ha="left", fontsize=9)
        save(figure, path)
    return True


def _draw(axes: Axes, effect: Effect, scale: float) -> None:
    plain_axes(axes)
    axes.grid(visible=False, axis="y")
    axes.set_title(textwrap.fill(effect_title(effect), _HEADING))
    levels = _ordered(effect)
    axes.set_yticks(range(len(levels)), [textwrap.fill(level_text(effect, level), _TEXT) for level in levels])
    axes.axvline(statistics.fmean(effect.base.values) * scale, color=INK, linewidth=0.9, alpha=0.5, zorder=1)
    for place, level in enumerate(levels):
        mean, colour = statistics.fmean(level.values) * scale, _colour(effect, level)
        right = mean
        if level.interval is not None:
            low, right = max(0.0, level.interval.low * scale), min(scale, level.interval.high * scale)
            axes.plot([low, right], [place, place], color=colour, linewidth=1.5, zorder=2)
        face = colour if level.interval is not None else "white"
        axes.plot([mean], [place], "o", color=colour, markerfacecolor=face, markersize=6, zorder=3)
        axes.annotate(
            "base" if level is effect.base else _gain(level),
            (right, place),
            (6, 0),
            textcoords="offset points",
            va="center",
            fontsize=8.5,
            color=INK,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 0.8},
        )


def _ordered(effect: Effect) -> list[Level]:
    """By value where these are numbers, else the base first."""
    try:
        return sorted(effect.levels, key=lambda level: float(level_text(effect, level)))
    except ValueError:
        return list(effect.levels)


def _colour(effect: Effect, level: Level) -> str:
    if level is effect.base or level.gain_interval is None:
        return INK
    return _COLOURS[level.gain_interval.side]


def _gain(level: Level) -> str:
    return "" if level.gain is None else gain_text(level.gain, level.gain_interval)


def _limit(axes: Axes, shown: Sequence[Effect], scale: float) -> None:
    """One axis for all, with room for the text at the highest point."""
    levels = [level for one in shown for level in one.levels]
    low = min(max(0.0, one.interval.low) if one.interval else min(one.values) for one in levels) * scale
    high = max(min(1.0, one.interval.high) if one.interval else max(one.values) for one in levels) * scale
    span = max(high - low, 0.02 * scale)
    axes.set_xlim(max(0.0, low - 0.05 * span), high + span * _LABEL / (1 - _LABEL))
    # the text's room may reach beyond all of the images, which is no accuracy
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}" if value <= scale * (1 + 1e-9) else "")


def _legend(shown: Sequence[Effect], axis: str) -> str:
    levels = [level for one in shown for level in one.levels]
    parts = [axis]
    if any(level.interval for level in levels):
        parts[0] += ", with the mean's 95 % interval over seeds"
    if any(level.interval is None for level in levels):
        parts.append("hollow: one seed")
    if any(level.gain_interval for level in levels):
        parts.append("blue more accurate than the base, orange less, grey not distinguishable")
    if any(level.gain is not None for level in levels):
        parts.append("numbers: points beside the base")
    return textwrap.fill(";  ".join(parts), 118)
