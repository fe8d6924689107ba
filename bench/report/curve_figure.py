"""How a cell learned: accuracy and loss by epoch, on training and held-out images."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bench.report.style import BLUE, ORANGE, WIDTH, plain_axes, save, styled
from bench.results.metric import significant
from bench.results.metrics import METRICS
from bench.results.record import Record

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_curve"]

_HEIGHT = 3.3
_MARKED = 30  # epochs up to which each is a dot


def draw_curve(record: Record, host: str, path: Path) -> bool:
    """Draw the epochs of a record, from the host of this label, as a PNG at `path`.

    False, and no file, where there are fewer than two.
    """
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    history = record.history
    if len(history) < 2:
        return False
    metric = METRICS["accuracy"]
    with styled():
        figure = Figure(figsize=(WIDTH, _HEIGHT), layout=ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.08, wspace=0.06))
        accuracy, loss = figure.subplots(1, 2)
        _draw(
            accuracy,
            _Line("training", [(e.epoch, e.accuracy) for e in history], metric.text),
            _Line("held-out", [(e.epoch, e.val_accuracy) for e in history], metric.text),
            metric.scale,
        )
        accuracy.set_title(f"accuracy, {metric.unit}")
        accuracy.set_ylim(top=min(accuracy.get_ylim()[1], 1.02 * metric.scale))
        _draw(
            loss,
            _Line("training", [(e.epoch, e.loss) for e in history], significant),
            _Line("held-out", [(e.epoch, e.val_loss) for e in history], significant),
        )
        loss.set_title("loss")
        data = ", synthetic images" if record.data is not None and record.data.synthetic else ""
        title = f"{record.model}, {record.variant}: {record.suite} on {host}{data}"
        figure.suptitle(title, x=0.012, ha="left", weight="bold")
        save(figure, path)
    return True


class _Line(NamedTuple):
    name: str
    points: Sequence[tuple[int, float | None]]
    text: Callable[[float], str]


def _draw(axes: Axes, training: _Line, held_out: _Line, scale: float = 1) -> None:
    from matplotlib.ticker import MaxNLocator

    plain_axes(axes)
    axes.grid(visible=False, axis="x")
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    highest = 0.0
    for line, colour in ((training, ORANGE), (held_out, BLUE)):
        points = [(epoch, value) for epoch, value in line.points if value is not None]
        if not points:
            continue
        epochs, values = zip(*points, strict=True)
        axes.plot(
            epochs,
            [value * scale for value in values],
            color=colour,
            linewidth=1.8,
            marker="o" if len(points) <= _MARKED else None,
            markersize=3.5,
            label=f"{line.name}, at last {line.text(values[-1])}",
        )
        highest = max(highest, max(values))
    last = training.points[-1][0]
    axes.set_xlim(0.5, last + 0.5)
    axes.set_ylim(0, 1.06 * highest * scale or 1)
    axes.legend(frameon=False, fontsize=9)
