"""How a cell learned: loss, accuracy and error by epoch, on training and held-out images, its seeds together."""

from __future__ import annotations

import statistics
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from bench.analyse.training.accuracy import judged_by, mean_of_metric
from bench.analyse.training.seeds import Repeats
from bench.report.core.log_axis import log_axis
from bench.report.core.plot_style import BLUE, GREEN, GREY, ORANGE, TITLE, TITLE_LINE, WIDTH, plain_axes, save, styled
from bench.report.core.table import Note
from bench.report.training.curve_marks import legend, mark
from bench.results.metric import significant
from bench.results.metrics import METRICS
from bench.results.record import Epoch, Record

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["curves_note", "draw_curve", "with_curves"]

_HEIGHT = 3.6
_MARKED = 30  # epochs up to which each is a dot
_THIN: dict[str, Any] = {"linewidth": 0.8, "alpha": 0.45}

Read = Callable[[Record, Epoch], float | None]


class _Panel(NamedTuple):
    """What one panel shows: an epoch's figure on training, held-out and test images, and how its values are told."""

    title: str
    training: Read
    held_out: Read
    test: Read
    text: Callable[[float], str]
    log: bool = False


def draw_curve(cell: Repeats, host: str, path: Path) -> bool:
    """Draw the epochs of a cell, from the host of this label, as a PNG at `path` and an SVG beside it.

    Of several seeds each is a thin line, and the thick one their mean as far as all of them go. The share of wrong
    answers is drawn on a logarithmic axis, where none is told from half an image. False, and no file, where there are
    fewer than two epochs.
    """
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    records = [record for record in cell.trained if len(record.history) > 1]
    if not records:
        return False
    data = ", synthetic images" if cell.synthetic else ""
    first = cell.first
    title = f"{first.model}, {first.variant}, batch {first.batch_size}: {first.suite} on {host}{data}"
    lines = textwrap.wrap(title, TITLE)
    with styled():
        panels = [panel for panel in _panels() if any(_points(record, panel.training) for record in records)]
        height = _HEIGHT + TITLE_LINE * (len(lines) - 1)
        figure = Figure(figsize=(WIDTH, height), layout=ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.08, wspace=0.05))
        for axes, panel in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
            _draw(axes, panel, records)
        figure.suptitle("\n".join(lines), x=0.012, ha="left", weight="bold")
        legend(figure, records)
        save(figure, path)
    return True


def _panels() -> tuple[_Panel, ...]:
    metric = METRICS["accuracy"]

    def error(accuracy: float | None, images: int) -> float | None:
        return None if accuracy is None else max(1 - accuracy, 0.5 / max(1, images)) * metric.scale

    def percent(accuracy: float | None) -> float | None:
        return None if accuracy is None else accuracy * metric.scale

    return (
        _Panel(
            "loss",
            lambda _, one: one.loss,
            lambda _, one: one.val_loss,
            lambda _, one: one.test_loss,
            significant,
        ),
        _Panel(
            f"accuracy, {metric.unit}",
            lambda _, one: percent(one.accuracy),
            lambda _, one: percent(one.val_accuracy),
            lambda _, one: percent(one.test_accuracy),
            lambda value: metric.text(value / metric.scale),
        ),
        _Panel(
            f"error, {metric.unit}",
            lambda record, one: error(one.accuracy, (record.data.train_images or 0) if record.data else 0),
            lambda record, one: error(one.val_accuracy, record.accuracy.held_out_images if record.accuracy else 0),
            lambda record, one: error(one.test_accuracy, record.data.test_images if record.data else 0),
            significant,
            log=True,
        ),
    )


def _draw(axes: Axes, panel: _Panel, records: Sequence[Record]) -> None:
    from matplotlib.ticker import MaxNLocator

    plain_axes(axes)
    axes.grid(visible=False, axis="x")
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=1))
    said, drawn = [], []
    of = (("training", panel.training, ORANGE), ("held-out", panel.held_out, BLUE), ("test", panel.test, GREEN))
    for name, read, colour in of:
        lines = [_points(record, read) for record in records]
        if not any(lines):
            continue
        lines = [line for line in lines if line]
        _line(axes, lines, colour)
        drawn += [value for line in lines for _, value in line]
        said.append(f"{name} {panel.text(statistics.fmean(line[-1][1] for line in lines))}")
    axes.set_title(panel.title, pad=19)
    axes.annotate(
        f"at last: {', '.join(said)}",
        (0, 1),
        (0, 6),
        xycoords="axes fraction",
        textcoords="offset points",
        fontsize=8 if len(said) < 3 else 7,
        color=GREY,
    )
    axes.set_xlim(0.5, max(record.history[-1].epoch for record in records) + 0.5)
    if panel.log:
        log_axis(axes.yaxis, drawn, lambda value: f"{value:g}")
    else:
        top = 1.06 * max(drawn) or 1.0
        axes.set_ylim(0, min(top, 102.0) if panel.title.startswith("accuracy") else top)
    for record in records:
        read = panel.held_out if any(epoch.val_loss is not None for epoch in record.history) else panel.training
        mark(axes, record, {epoch.epoch: read(record, epoch) for epoch in record.history})


def _points(record: Record, read: Read) -> list[tuple[int, float]]:
    return [(epoch.epoch, value) for epoch in record.history if (value := read(record, epoch)) is not None]


def _line(axes: Axes, lines: Sequence[Sequence[tuple[int, float]]], colour: str) -> None:
    """Each, and their mean."""
    if len(lines) == 1:
        mean = list(lines[0])
    else:
        for line in lines:
            axes.plot(*zip(*line, strict=True), color=colour, **_THIN)
        shared = [dict(line) for line in lines]
        mean = [
            (epoch, statistics.fmean(line[epoch] for line in shared))
            for epoch, _ in lines[0]
            if all(epoch in line for line in shared)
        ]
    dots = "o" if len(mean) <= _MARKED and len(lines) == 1 else None
    axes.plot(*zip(*mean, strict=True), color=colour, linewidth=1.8, marker=dots, markersize=3)


_MOST = 12


def with_curves(cells: Sequence[Repeats]) -> tuple[Repeats, ...]:
    """All that were trained where these are few. Of many the first cell of each model, which is its baseline's where it
    has one, and the most accurate of all; of many models only the first of these and the most accurate."""
    trained = [cell for cell in cells if cell.trained]
    if len(trained) <= _MOST:
        return tuple(trained)
    models = {cell.first.model: cell for cell in reversed(trained)}
    metric = judged_by(record for cell in trained for record in cell.trained)
    best = max(trained, key=lambda cell: mean_of_metric(cell.trained, metric) or 0.0)
    chosen = [trained[0], *models.values()] if len(models) < _MOST else [trained[0]]
    return tuple(cell for cell in trained if cell is best or any(cell is one for one in chosen))


def curves_note(cells: Sequence[Repeats]) -> list[Note]:
    """Says which are shown where not all are."""
    trained, shown = [cell for cell in cells if cell.trained], with_curves(cells)
    if len(shown) == len(trained):
        return []
    names = ", ".join(cell.name for cell in shown)
    return [Note(f"by epoch {len(shown)} of {len(trained)} cells are shown below: {names}; the records hold all")]
