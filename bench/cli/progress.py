"""How a run shows itself: a live display in a terminal, plain lines elsewhere. All of it on standard error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self, TextIO

from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from bench.analyse.stats.ratio import Verdict
from bench.cli.coarse_table import coarse_table
from bench.cli.console import console_of, in_notebook
from bench.cli.progress_text import begins_text, cell_line, word_text
from bench.cli.remaining import Remaining
from bench.host.profile import HostProfile
from bench.results.record import Record
from bench.run.estimate import Estimator

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

    `before(host)` estimates from what cells took on that host before. In the output of a notebook's cell there is a
    line for each cell, and none for each round. It may tell of several runs, one after the other; where nothing is
    `kept` of them, no place is told.
    """

    def __init__(self, stream: TextIO, before: Callable[[HostProfile], Estimator], *, kept: bool = True) -> None:
        self._kept = kept
        self.console = console_of(stream)
        self.live = self.console.is_terminal
        self._brief = in_notebook()
        self._before = before
        self._cells = 0
        self.left = Remaining()
        self._done = 0
        self._round = 0
        self._table: Table | None = None
        self._told_rounds = False
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
        # once: it would be asked for at every word of a cell that is being measured
        self.left.expect({one.cell.id: 0.0 if one.skip else estimator.seconds(one) for one in cells})
        text = begins_text(host, device, cells, resumed, self.left.expected, kept=self._kept)
        self.console.print(text, markup=False)
        self._done = 0
        self._bar.update(self._task, total=len(cells), completed=0)

    def cell_begins(self, planned: Planned) -> None:
        """A cell begins."""
        self.left.begins()
        self._show(doing="starts", cell=planned.cell.id)

    def cell_says(self, word: Word) -> None:
        """The running cell has a word."""
        self._show(doing=word_text(word))

    def cell_ends(self, record: Record) -> None:
        """A cell has ended: one line stays."""
        if record.ok and not record.whole:  # another process of a cell that was told of
            return
        self._done += 1
        self.left.ends(record.cell)
        counted = f"{self._done:>{len(str(self._cells))}}/{self._cells}"
        style = {"ok": None, "skipped": "dim"}.get(record.status, "red")
        self.console.print(f"{counted}  {cell_line(record)}", style=style, markup=False)
        self._bar.update(self._task, completed=self._done)

    def turns_begin(self, number: int, cells: Sequence[Planned]) -> None:
        """Cells are about to take turns, in the round of this number."""
        self._round = number
        self.left.begins()
        what = f"{len(cells)} cell{'' if len(cells) == 1 else 's'}, interleaved"
        self._show(cell=f"round {number}: {what}", doing="starts")
        if not self.live and not self._brief:
            self.console.print(f"round {number}: {what} …", markup=False)
        elif self._brief and number > 1 and not self._told_rounds:
            self._told_rounds = True
            self.console.print("every cell is measured; further rounds make open answers surer", markup=False)

    def stands(self, records: Sequence[Record], standing: Mapping[Identity, Standing], left: float) -> None:
        """A group has had its turns: what is known by now, and the seconds that are left."""
        self.left.rounds_end_in(left)
        verdicts = Counter(one.verdict for one in standing.values() if one.verdict is not None)
        counted = ", ".join(f"{verdicts[verdict]} {verdict}" for verdict in _VERDICTS if verdicts[verdict])
        if self.live:
            self._table = coarse_table(records, standing)
        elif not self._brief:
            self.console.print(f"round {self._round}: {counted or 'nothing to compare'}", markup=False)

    def _show(self, **fields: str) -> None:
        shown: dict[str, Any] = {**fields, "left": str(self.left)}
        self._bar.update(self._task, **shown)
