"""A suite's history on a host: the step time of each cell over the runs that measured it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.instruments.stats import Estimate, estimate_of
from bench.report.core.groups import panels
from bench.report.core.log_axis import log_axis, with_prefix
from bench.report.core.notes import titled
from bench.report.core.plot_style import COLOURS, MARKERS, TITLE, TITLE_LINE, WIDTH, plain_axes, save, styled
from bench.results.metrics import METRICS
from bench.results.query import runs, when
from bench.results.record import Record

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_history"]

_PANEL = 2.6  # inches
_AROUND = 0.9
_LINE = 0.19
_ACROSS = 4
_MOST = 21
"""Variants of a panel, those of the most runs first: each has a colour and sign of its own."""
_STEP = METRICS["step_seconds"]


@dataclass(frozen=True)
class _Line:
    """When each run of a variant was started, and its step's time."""

    variant: str
    points: tuple[tuple[datetime, Estimate], ...]


def draw_history(records: Sequence[Record], host: str, path: Path) -> bool:
    """Draw all records of a suite, from the host of this label, as a PNG at `path` and an SVG beside it: a panel for
    each network, a line with 95 % intervals for each variant that was measured in two runs or more. False, and no
    file, where none was."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    shown = {title: lines for title, found in panels(runs(records)).items() if (lines := _lines(found))}
    if not shown:
        return False
    variants = list(dict.fromkeys(line.variant for lines in shown.values() for line in lines))
    across = min(_ACROSS, len(variants))
    words = textwrap.wrap(titled(records, host), TITLE)
    legend = _LINE * -(-len(variants) // across)
    height = _AROUND + _PANEL * len(shown) + legend + TITLE_LINE * len(words)
    with styled():
        figure = Figure(figsize=(WIDTH, height), layout=ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.08))
        grid = figure.subplots(len(shown), 1, squeeze=False)
        for axes, (title, found) in zip(grid.flat, shown.items(), strict=True):
            _draw(axes, title, found, variants)
        figure.suptitle("\n".join(("Step time over runs", *words)), x=0.012, ha="left", weight="bold")
        handles: dict[str, Any] = {}
        for axes in grid.flat:
            drawn, labels = axes.get_legend_handles_labels()
            handles |= dict(zip(labels, drawn, strict=True))
        figure.legend(
            handles.values(), handles.keys(), loc="outside lower left", ncols=across, frameon=False, fontsize=8
        )
        save(figure, path)
    return True


def _lines(records: Sequence[Record]) -> list[_Line]:
    found: dict[str, list[tuple[datetime, Estimate]]] = {}
    for record in sorted((record for record in records if record.ok and record.counts), key=when):
        estimate = estimate_of(record.timed)
        if estimate is not None:
            found.setdefault(record.variant, []).append((when(record), estimate))
    several = {variant: points for variant, points in found.items() if len(points) > 1}
    most = sorted(several, key=lambda variant: -len(several[variant]))[:_MOST]
    return [_Line(variant, tuple(points)) for variant, points in several.items() if variant in most]


def _draw(axes: Axes, title: str, lines: Sequence[_Line], variants: Sequence[str]) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num

    plain_axes(axes)
    axes.set_title(title)
    ends = []
    for line in lines:
        place = variants.index(line.variant)
        colour = COLOURS[place % len(COLOURS)]
        values = [one.step_seconds * _STEP.scale for _, one in line.points]
        # an interval that ends at nothing or below has no end on a logarithmic axis
        low = [max(0.1 * one.step_seconds, one.low) * _STEP.scale for _, one in line.points]
        high = [one.high * _STEP.scale for _, one in line.points]
        days = date2num([day for day, _ in line.points])  # type: ignore[no-untyped-call]
        axes.vlines(days, low, high, color=colour, linewidth=0.9)
        axes.plot(
            days,
            values,
            color=colour,
            marker=MARKERS[(place // len(COLOURS)) % len(MARKERS)],
            markersize=4.5,
            linewidth=1.1,
            label=line.variant,
        )
        ends += [*values, *high]
    log_axis(axes.yaxis, ends, with_prefix, 1.2)
    axes.set_ylabel(_STEP.heading)
    axes.xaxis_date()
    locator = AutoDateLocator(maxticks=8)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
