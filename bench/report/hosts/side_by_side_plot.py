"""Hosts side by side: the step time of each cell that several machines have, published ones among them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.host.profile import HostProfile
from bench.instruments.stats import estimate_of
from bench.report.core.log_axis import log_axis, with_prefix
from bench.report.core.plot_style import COLOURS, FAINT, MARKERS, WIDTH, plain_axes, save, styled
from bench.results.metrics import METRICS
from bench.results.record import Record

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_side_by_side"]

_MOST = 40
"""Cells, those of the most hosts first."""
_ROW = 0.34  # inches
_HOST = 0.12
_AROUND = 1.3
_LINE = 0.19
_ACROSS = 3
_STEP = METRICS["step_seconds"]


@dataclass(frozen=True)
class _Time:
    """A step's time in the unit that people see, with the ends of its interval where it was measured."""

    value: float
    low: float
    high: float
    published: bool


def draw_side_by_side(records: Sequence[Record], profiles: Sequence[HostProfile], path: Path) -> bool:
    """Draw the newest records' step times by cell as a PNG at `path` and an SVG beside it. False, and no file, where no
    cell is known of two hosts. Published times are hollow."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    rows = _rows(records, profiles)
    if not rows:
        return False
    hosts = list(dict.fromkeys(host for times in rows.values() for host in times))
    across = min(_ACROSS, len(hosts))
    height = _AROUND + len(rows) * max(_ROW, _HOST * len(hosts)) + _LINE * -(-len(hosts) // across)
    with styled():
        figure = Figure(figsize=(WIDTH, height), layout=ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.08))
        _draw(figure.subplots(), rows, hosts)
        figure.suptitle("Hosts side by side", x=0.012, ha="left", weight="bold")
        figure.legend(loc="outside lower left", ncols=across, frameon=False, fontsize=8, handletextpad=0.2)
        save(figure, path)
    return True


def _rows(records: Iterable[Record], profiles: Sequence[HostProfile]) -> dict[str, dict[str, _Time]]:
    """Times by host, by cell; the cells that several hosts have."""
    labels = {profile.id: profile.label for profile in profiles}
    found: dict[str, dict[str, _Time]] = {}
    for record in records:
        estimate = estimate_of(record.timed) if record.ok else None
        if estimate is not None:
            value, low, high = (one * _STEP.scale for one in (estimate.step_seconds, estimate.low, estimate.high))
            cell = _cell(record.model, record.variant, record.batch_size)
            host = labels.get(record.host, record.host)
            found.setdefault(cell, {}).setdefault(host, _Time(value, low, high, published=False))
    for profile in profiles:
        for time in profile.published.times if profile.published else ():
            times = found.get(_cell(time.model, time.variant, time.batch_size))
            if times is not None:
                step = time.step_ms / 1e3 * _STEP.scale
                times.setdefault(f"{profile.label}, published", _Time(step, step, step, published=True))
    shared = [(cell, times) for cell, times in found.items() if len(times) > 1]
    most = sorted(shared, key=lambda one: -len(one[1]))[:_MOST]
    return {cell: times for cell, times in shared if cell in dict(most)}


def _cell(model: str, variant: str, batch_size: int) -> str:
    return f"{model} {variant}, batch {batch_size}"


def _draw(axes: Axes, rows: dict[str, dict[str, _Time]], hosts: Sequence[str]) -> None:
    plain_axes(axes)
    axes.grid(visible=False, axis="y")
    axes.set_yticks(range(len(rows)), list(rows))
    axes.set_ylim(len(rows) - 0.5, -0.5)
    for row in range(1, len(rows)):
        axes.axhline(row - 0.5, color=FAINT, linewidth=0.6)
    for place, host in enumerate(hosts):
        colour, sign = COLOURS[place % len(COLOURS)], MARKERS[place % len(MARKERS)]
        shift = 0.6 * ((place + 0.5) / len(hosts) - 0.5)
        named = host
        for row, times in enumerate(rows.values()):
            if (time := times.get(host)) is None:
                continue
            axes.plot([max(time.low, time.value / 10), time.high], [row + shift] * 2, color=colour, linewidth=1.2)
            face = "white" if time.published else colour
            axes.plot([time.value], [row + shift], sign, color=colour, markerfacecolor=face, markersize=6, label=named)
            named = "_"  # once in the legend
    ends = [end for times in rows.values() for time in times.values() for end in (time.value, time.high)]
    log_axis(axes.xaxis, ends, with_prefix, 1.3)
    published = any(time.published for times in rows.values() for time in times.values())
    axes.set_xlabel(f"{_STEP.heading}{'; hollow: published, not measured here' if published else ''}")
