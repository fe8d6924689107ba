"""What is said of a run as it goes, whoever shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bench.results.metrics import METRICS, show
from bench.results.record import Epoch, Record
from bench.run.estimate import clock_time

if TYPE_CHECKING:
    from bench.host.profile import HostProfile
    from bench.run.job import Progress
    from bench.run.plan import Planned

__all__ = ["begins_text", "cell_line", "word_text"]


def begins_text(
    host: HostProfile, device: str, cells: Sequence[Planned], resumed: int, seconds: float, *, kept: bool = True
) -> str:
    """The run begins: what is measured where, where it is `kept`, and how long it may take."""
    resumes = f", {resumed} more {'is' if resumed == 1 else 'are'} there already" if resumed else ""
    place = f", results under {host.id}" if kept else ""
    about = f", about {clock_time(seconds)}" if cells else ""
    counted = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
    return f"{counted} on {device}{place}{resumes}{about}"


def word_text(word: Progress) -> str:
    """What a running cell is doing, by its word."""
    if word.step_seconds is not None and word.margin is not None:
        stage = "" if word.stage == "windows" else f"{word.stage}: "
        return f"{stage}{word.step_seconds * 1e3:.4g} ms/step ± {word.margin:.1%}"
    if word.epoch is not None:
        return f"epoch {word.epoch.epoch}, {_learnt(word.epoch)}"
    if word.epoch_steps is not None:
        return "epoch {}, step {} of {}".format(*word.epoch_steps)
    return word.stage


def _learnt(epoch: Epoch) -> str:
    """Its accuracies; its losses where it has none."""
    if epoch.accuracy is None:
        held_out = "" if epoch.val_loss is None else f", held out {epoch.val_loss:.4g}"
        return f"loss {epoch.loss:.4g}{held_out}"
    held_out = "" if epoch.val_accuracy is None else f", held out {epoch.val_accuracy:.1%}"
    return f"accuracy {epoch.accuracy:.1%}{held_out}"


def cell_line(record: Record) -> str:
    """A cell has ended: the line that stays."""
    if record.failure is not None:
        where = f" (log: {record.failure.log})" if record.failure.log else ""
        status = record.status.replace("_", " ")
        return f"{record.cell}  {status} in {record.failure.stage}: {record.failure.message}{where}"
    figures = [show(record, METRICS[name]) for name in ("step_seconds", "images_per_second")]
    if record.accuracy is not None and record.accuracy.held_out is not None and record.history:
        figures.append(f"held-out accuracy {show(record, METRICS['held_out_accuracy'])}")
    # what is found of each record alike has been told as the run began
    codes = dict.fromkeys(one.code for one in record.findings if one.code not in ("synthetic-data", "inline"))
    return f"{record.cell}  " + ", ".join(figures) + (f"  [{', '.join(codes)}]" if codes else "")
