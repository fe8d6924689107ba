"""How a run on several machines shows itself: a live line a node in a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self, TextIO

from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bench.analyse.stats.ratio import Verdict
from bench.cli.console import console_of
from bench.cli.progress import REFRESHES_A_SECOND
from bench.cli.progress_text import begins_text, cell_line, word_text
from bench.cli.remaining import Remaining
from bench.host.profile import HostProfile
from bench.results.record import Record
from bench.run.estimate import Estimator

if TYPE_CHECKING:
    from bench.analyse.speedup.standings import Standing
    from bench.analyse.stats.ratio import Ratio
    from bench.results.pair import Pair
    from bench.results.query import Identity
    from bench.run.job import Progress as Word
    from bench.run.plan import Planned

__all__ = ["NodesDisplay", "moved_text"]

_VERDICTS: tuple[Verdict, ...] = ("faster", "same", "slower", "undecided")


class NodesDisplay:
    """Tells of a run as it goes: see `bench.run.cluster.following.ClusterObserver`.

    `before(host)` estimates from what cells took on that host before.
    """

    def __init__(self, stream: TextIO, before: Callable[[HostProfile], Estimator]) -> None:
        self.console = console_of(stream)
        self.live = self.console.is_terminal
        self.before = before
        self.bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.fields[node]}"),
            MofNCompleteColumn(),
            TextColumn("{task.fields[cell]}  {task.fields[doing]}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}"),
            console=self.console,
            transient=True,
            refresh_per_second=REFRESHES_A_SECOND,
        )
        self._nodes: dict[str, tuple[_NodeDisplay, _NodePairs]] = {}

    def __enter__(self) -> Self:
        if self.live:
            self.bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self.live:
            self.bar.stop()

    def notice(self, text: str) -> None:
        """Something that the user should know."""
        self.console.print(f"note: {text}", style="yellow", markup=False)

    def node(self, name: str) -> tuple[_NodeDisplay, _NodePairs]:
        """Who is told of the node of this name."""
        if name not in self._nodes:
            shown = _NodeDisplay(self, name)
            self._nodes[name] = shown, _NodePairs(shown)
        return self._nodes[name]

    def left(self, name: str) -> None:
        """The work of the node of this name is over."""
        self._nodes[name][0].over()

    def moved(self, name: str, to: str) -> None:
        """What is left of a lost node's part goes on at another."""
        self.notice(moved_text(name, to))


def moved_text(name: str, to: str) -> str:
    """That what is left of a lost node's part goes on."""
    return f"what node {name} had left goes on {f'at node {to}' if to != name else 'there'}"


class _NodeDisplay:
    """Tells of one node: see `bench.run.run_suite.Observer`."""

    def __init__(self, display: NodesDisplay, name: str) -> None:
        self._display, self.name = display, name
        self._cells = self._done = self._round = 0
        self.left = Remaining()
        self._task = display.bar.add_task("", total=None, node=name, cell="", doing="TensorFlow starts", left="")

    def say(self, text: str, style: str | None = None) -> None:
        """A line that stays."""
        self._display.console.print(f"{self.name}: {text}", style=style, markup=False)

    def show(self, **fields: str) -> None:
        """What it is doing now."""
        shown: dict[str, Any] = {**fields, "left": str(self.left)}
        self._display.bar.update(self._task, **shown)

    def over(self) -> None:
        """Nothing more is to come of it."""
        self._display.bar.update(self._task, cell="", doing="done", left="")
        self._display.bar.stop_task(self._task)

    def notice(self, text: str) -> None:
        """Something that the user should know."""
        self._display.notice(f"{self.name}: {text}")

    def begins(self, host: HostProfile, device: str, cells: Sequence[Planned], resumed: int) -> None:
        """Its part begins, or goes on on another node."""
        estimator = self._display.before(host)
        self.left.expect({one.cell.id: 0.0 if one.skip else estimator.seconds(one) for one in cells})
        self.say(begins_text(host, device, cells, resumed, self.left.expected))
        self._cells, self._done = len(cells), 0
        self._display.bar.update(self._task, total=len(cells), completed=0)

    def cell_begins(self, planned: Planned) -> None:
        """A cell begins."""
        self.left.begins()
        self.show(cell=planned.cell.id, doing="starts")

    def cell_says(self, word: Word) -> None:
        """The running cell has a word."""
        self.show(doing=word_text(word))

    def cell_ends(self, record: Record) -> None:
        """A cell has ended."""
        if record.ok and not record.whole:  # another process of a cell that was told of
            return
        self._done += 1
        self.left.ends(record.cell)
        style = {"ok": None, "skipped": "dim"}.get(record.status, "red")
        self.say(f"{self._done:>{len(str(self._cells))}}/{self._cells}  {cell_line(record)}", style)
        self._display.bar.update(self._task, completed=self._done)

    def turns_begin(self, number: int, cells: Sequence[Planned]) -> None:
        """Cells are about to take turns."""
        self._round = number
        self.left.begins()
        what = f"{len(cells)} cell{'' if len(cells) == 1 else 's'}, interleaved"
        self.show(cell=f"round {number}: {what}", doing="starts")
        if not self._display.live:
            self.say(f"round {number}: {what} …")

    def stands(self, _: Sequence[Record], standing: Mapping[Identity, Standing], left: float) -> None:
        """A group has had its turns."""
        self.left.rounds_end_in(left)
        verdicts = Counter(one.verdict for one in standing.values() if one.verdict is not None)
        counted = ", ".join(f"{verdicts[verdict]} {verdict}" for verdict in _VERDICTS if verdicts[verdict])
        self.show(doing=counted)
        if not self._display.live:
            self.say(f"round {self._round}: {counted or 'nothing to compare'}")


class _NodePairs:
    """Tells of pairs on one node: see `bench.run.interleaved.option_pairs.OptionObserver`."""

    def __init__(self, node: _NodeDisplay) -> None:
        self._node, self._rounds = node, 0

    def notice(self, text: str) -> None:
        """Something that the user should know."""
        self._node.notice(text)

    def pair_begins(self, what: str, rounds: int) -> None:
        """Another pair, of at most so many rounds."""
        self._rounds = rounds
        self._node.show(cell=what, doing="starts")

    def pair_ends(self, pair: Pair) -> None:
        """A pair has ended: one line stays."""
        from bench.report.options.pair_table import pair_answer

        self._node.say(pair_answer(pair))

    def round_begins(self, number: int) -> None:
        """A round begins, from 1."""
        self._node.show(doing=f"round {number} of at most {self._rounds}")

    def cell_says(self, cell: str, word: Word) -> None:
        """Nodes don't send it."""

    def round_ends(self, number: int, ratio: Ratio | None) -> None:
        """A round has ended."""
