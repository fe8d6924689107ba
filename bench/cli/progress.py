"""How a run shows itself: a live display in a terminal, plain lines elsewhere. All of it on standard error."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self, TextIO

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from bench.analyse.stats.ratio import Verdict
from bench.cli.coarse_table import coarse_table
from bench.host.profile import HostProfile
from bench.results.metrics import METRICS, show
from bench.results.record import Epoch, Record
from bench.run.estimate import Estimator, clock_time

if TYPE_CHECKING:
    from bench.analyse.speedup.standings import Standing
    from bench.results.query import Identity
    from bench.run.job import Progress as Word
    from bench.run.plan import Planned

__all__ = ["Display"]

_VERDICTS: tuple[Verdict, ...] = ("faster", "same", "slower", "undecided")

REFRESHES_A_SECOND = 2
"""A display that redraws ten times a second takes a few percent of a core from the cell that is measured."""


class Display:
    """Tells of a run as it goes: see `bench.run.run_suite.Observer`.

    `before(host)` estimates from what cells took on that host before.
    """

    def __init__(self, stream: TextIO, before: Callable[[HostProfile], Estimator]) -> None:
        self.console = Console(file=stream, highlight=False, soft_wrap=True)
        self.live = self.console.is_terminal
        self._before = before
        self._cells = 0
        self._waiting: dict[str, float] = {}
        self._done = 0
        self._began = 0.0
        self._round = 0
        self._ends: float | None = None
        self._table: Table | None = None
        self._bar = Progress(
            SpinnerColumn(),
            MofNCompleteColumn(),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[cell]}  {task.fields[doing]}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}"),
            console=self.console,
        )
        self._task = self._bar.add_task("", total=None, cell="", doing="TensorFlow starts", left="")

        self._screen = Live(
            console=self.console,
            get_renderable=self._renderable,
            refresh_per_second=REFRESHES_A_SECOND,
            transient=True,
        )

    def __enter__(self) -> Self:
        if self.live:
            self._screen.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self.live:
            self._screen.stop()

    def pause(self) -> None:
        """Make room for another display."""
        if self.live:
            self._screen.stop()

    def _renderable(self) -> RenderableType:
        return self._bar if self._table is None else Group(self._table, self._bar)

    def notice(self, text: str) -> None:
        """Something that the user should know."""
        self.console.print(f"note: {text}", style="yellow", markup=False)

    def begins(self, host: HostProfile, device: str, cells: Sequence[Planned], resumed: int) -> None:
        """The run begins."""
        self._cells = len(cells)
        estimator = self._before(host)
        resumes = f", {resumed} more are there already" if resumed else ""
        # once: it would be asked for at every word of a cell that is being measured
        self._waiting = {one.cell.id: 0.0 if one.skip else estimator.seconds(one) for one in cells}
        about = f", about {clock_time(sum(self._waiting.values()))}" if cells else ""
        self.console.print(f"{len(cells)} cells on {device}, results under {host.id}{resumes}{about}", markup=False)
        self._bar.update(self._task, total=len(cells))

    def cell_begins(self, planned: Planned) -> None:
        """A cell begins."""
        self._began = time.monotonic()
        self._show(doing="starts", cell=planned.cell.id)

    def cell_says(self, word: Word) -> None:
        """The running cell has a word."""
        doing = word.stage
        if word.step_seconds is not None and word.margin is not None:
            doing = "" if word.stage == "windows" else f"{word.stage}: "
            doing += f"{word.step_seconds * 1e3:.4g} ms/step ± {word.margin:.1%}"
        elif word.epoch is not None:
            doing = f"epoch {word.epoch.epoch}, {_learnt(word.epoch)}"
        elif word.epoch_steps is not None:
            doing = "epoch {}, step {} of {}".format(*word.epoch_steps)
        self._show(doing=doing)

    def cell_ends(self, record: Record) -> None:
        """A cell has ended: one line stays."""
        if record.ok and not record.whole:  # another process of a cell that was told of
            return
        self._done += 1
        self._waiting.pop(record.cell, None)
        counted = f"{self._done:>{len(str(self._cells))}}/{self._cells}"
        style = {"ok": None, "skipped": "dim"}.get(record.status, "red")
        self.console.print(f"{counted}  {_line(record)}", style=style, markup=False)
        self._bar.update(self._task, completed=self._done)

    def turns_begin(self, number: int, cells: Sequence[Planned]) -> None:
        """Cells are about to take turns, in the round of this number."""
        self._round = number
        self._began = time.monotonic()
        what = f"{len(cells)} cell{'' if len(cells) == 1 else 's'}, interleaved"
        self._show(cell=f"round {number}: {what}", doing="starts")
        if not self.live:
            self.console.print(f"round {number}: {what} …", markup=False)

    def stands(self, records: Sequence[Record], standing: Mapping[Identity, Standing], left: float) -> None:
        """A group has had its turns: what is known by now, and the seconds that are left."""
        self._ends = time.monotonic() + left
        verdicts = Counter(one.verdict for one in standing.values() if one.verdict is not None)
        counted = ", ".join(f"{verdicts[verdict]} {verdict}" for verdict in _VERDICTS if verdicts[verdict])
        if self.live:
            self._table = coarse_table(records, standing)
        else:
            self.console.print(f"round {self._round}: {counted or 'nothing to compare'}", markup=False)

    def _show(self, **fields: str) -> None:
        ends = self._ends if self._ends is not None else self._began + sum(self._waiting.values())
        left = clock_time(max(0.0, ends - time.monotonic()))
        shown: dict[str, Any] = {**fields, "left": f"about {left} left"}
        self._bar.update(self._task, **shown)


def _line(record: Record) -> str:
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


def _learnt(epoch: Epoch) -> str:
    """Its accuracies; its losses where it has none."""
    if epoch.accuracy is None:
        held_out = "" if epoch.val_loss is None else f", held out {epoch.val_loss:.4g}"
        return f"loss {epoch.loss:.4g}{held_out}"
    held_out = "" if epoch.val_accuracy is None else f", held out {epoch.val_accuracy:.1%}"
    return f"accuracy {epoch.accuracy:.1%}{held_out}"
