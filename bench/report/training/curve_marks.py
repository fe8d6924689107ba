"""What happened at an epoch: marks on a training curve, and what they stand for."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bench.report.core.plot_style import BLUE, GREEN, GREY, INK, ORANGE
from bench.results.record import Record

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["legend", "mark"]

_BEST: dict[str, Any] = {"marker": "o", "markersize": 6, "markerfacecolor": "white", "markeredgecolor": INK}
_REDUCED: dict[str, Any] = {"marker": "v", "markersize": 4.5, "color": INK, "alpha": 0.7, "linestyle": "none"}
_PHASE: dict[str, Any] = {"color": GREY, "linewidth": 0.9, "linestyle": (0, (2, 2))}


def mark(axes: Axes, record: Record, values: Mapping[int, float | None]) -> None:
    """Where a phase began, the learning rate was reduced, and the best epoch was, on the curve of these values."""
    for epoch in _phase_starts(record):
        axes.axvline(epoch - 0.5, zorder=1, **_PHASE)
    training = record.training
    if training is None:
        return
    if training.reduced_after:
        places = [epoch + 0.5 for epoch in training.reduced_after]
        axes.plot(places, [1.0] * len(places), transform=axes.get_xaxis_transform(), clip_on=False, **_REDUCED)
    best = values.get(training.best_epoch)
    if best is not None:
        axes.plot([training.best_epoch], [best], zorder=5, clip_on=False, **_BEST)


def legend(figure: Figure, records: Sequence[Record]) -> None:
    """Under all panels: what lines and marks are."""
    from matplotlib.lines import Line2D

    several = len(records) > 1
    mean = " (mean)" if several else ""
    handles = [Line2D([], [], color=ORANGE, linewidth=1.8, label=f"training images, over the epoch{mean}")]
    if any(epoch.val_loss is not None for record in records for epoch in record.history):
        handles.append(Line2D([], [], color=BLUE, linewidth=1.8, label=f"held-out images{mean}"))
    if any(epoch.test_loss is not None for record in records for epoch in record.history):
        handles.append(Line2D([], [], color=GREEN, linewidth=1.8, label=f"test images{mean}"))
    if several:
        handles.append(Line2D([], [], color=GREY, linewidth=0.8, label=f"each of {len(records)} seeds"))
    trained = [record.training for record in records if record.training is not None]
    if trained:
        epochs = sorted({training.best_epoch for training in trained})
        span = str(epochs[0]) if len(epochs) == 1 else f"{epochs[0]} to {epochs[-1]}"
        handles.append(Line2D([], [], linestyle="none", label=f"best epoch, {span}", **_BEST))
    if any(training.reduced_after for training in trained):
        handles.append(Line2D([], [], label="learning rate reduced", **_REDUCED))
    phases = dict.fromkeys(epoch.phase for record in records for epoch in record.history if epoch.phase)
    if any(map(_phase_starts, records)):
        names = textwrap.shorten(", ".join(list(phases)[1:]), 30, placeholder=" …")
        handles.append(Line2D([], [], label=f"phase begins: {names}", **_PHASE))
    across = len(handles) if len(handles) <= 4 else 3
    figure.legend(handles=handles, loc="outside lower left", ncols=across, frameon=False, fontsize=8.5)


def _phase_starts(record: Record) -> list[int]:
    """The first epochs of all phases but the first."""
    return [later.epoch for one, later in itertools.pairwise(record.history) if one.phase != later.phase]
