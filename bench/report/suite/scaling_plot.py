"""What several devices gain over one, as a figure: speed-ups beside the ideal and the laws fitted to them."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.analyse.scaling.curves import ScalingCurve
from bench.analyse.stats.ratio import Ratio
from bench.report.core.log_axis import log_axis
from bench.report.core.plot_style import COLOURS, GREY, MARKERS, TITLE, TITLE_LINE, WIDTH, plain_axes, save, styled
from bench.report.suite.scaling_table import KINDS, fit_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_scaling"]

_HEIGHT = 4.4
_LINE = 0.19  # inches of a line of the legend


def draw_scaling(curves: Sequence[ScalingCurve], host: str, path: Path) -> bool:
    """Draw the curves of one suite on the host of this label as a PNG at `path` and an SVG beside it.

    Each curve has a colour and a sign, its law a line, and what each device would gain alone is dashed. False, and no
    file, where no cell of several devices has a speed-up.
    """
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    told = [curve for curve in curves if curve.fit is not None and curve.reference is not None]
    if not told:
        return False
    logical = any(point.record.options.logical_devices for curve in told for point in curve.points)
    kind = "logical devices of one processor, which share its cores" if logical else "devices"
    title = textwrap.wrap(f"Scaling over {kind} — {host}", TITLE)
    labels = [_label(curve) for curve in told]
    lines = sum(label.count("\n") + 1 for label in labels) + 1
    height = _HEIGHT + _LINE * lines + TITLE_LINE * (len(title) - 1)
    with styled():
        figure = Figure(figsize=(WIDTH, height), layout=ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.08))
        axes = figure.subplots()
        _draw(axes, told, labels)
        figure.suptitle("\n".join(title), x=0.012, ha="left", weight="bold")
        figure.legend(loc="outside lower left", frameon=False, fontsize=8)
        save(figure, path)
    return True


def _label(curve: ScalingCurve) -> str:
    assert curve.reference is not None
    assert curve.fit is not None
    return "\n".join(textwrap.wrap(f"{curve.reference.cell}, {KINDS[curve.kind]}; {fit_text(curve.fit)}", 110))


def _draw(axes: Axes, curves: Sequence[ScalingCurve], labels: Sequence[str]) -> None:
    plain_axes(axes)
    measured = [one.devices for curve in curves for one in curve.points if isinstance(one.speedup, Ratio)]
    numbers = sorted({1, *measured})
    most = numbers[-1]
    axes.plot(
        [1, most], [1, most], color=GREY, linestyle="dashed", linewidth=1.2, label="each device gains a whole one"
    )
    ends = [1.0, float(most)]
    for place, (curve, label) in enumerate(zip(curves, labels, strict=True)):
        assert curve.fit is not None
        colour = COLOURS[place % len(COLOURS)]
        told = [(point.devices, point.speedup) for point in curve.points if isinstance(point.speedup, Ratio)]
        along = np.linspace(1, max(devices for devices, _ in told), 50)
        axes.plot(along, [curve.fit.speedup(float(devices)) for devices in along], color=colour, linewidth=1.2)
        shift = 1 + 0.012 * (place - (len(curves) - 1) / 2)
        axes.errorbar(
            [devices * shift for devices, _ in told],
            [ratio.value for _, ratio in told],
            yerr=[
                [ratio.value - ratio.low for _, ratio in told],
                [ratio.high - ratio.value for _, ratio in told],
            ],
            fmt=MARKERS[place % len(MARKERS)],
            color=colour,
            markersize=6,
            markeredgecolor="white",
            linewidth=1.2,
            label=label,
        )
        ends += [end for _, ratio in told for end in (ratio.low, ratio.high)]
    log_axis(axes.xaxis, [1.0, float(most)], lambda value: f"{value:g}", 1.1)
    log_axis(axes.yaxis, ends, lambda value: f"{value:g}", 1.15)
    axes.set_xticks(numbers)
    axes.set_yticks(numbers)
    axes.set_xlabel("devices")
    axes.set_ylabel("examples a second, times those of one device")
