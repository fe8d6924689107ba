"""The displays of consoles and notebooks, with the live page told of the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, TextIO

from bench.cli.live import PagePart, RunPage
from bench.cli.nodes_display import NodesDisplay, moved_text
from bench.cli.remaining import Remaining
from bench.cli.rounds import RoundsDisplay
from bench.host.profile import HostProfile
from bench.results.record import Record
from bench.run.run_suite import Observer

if TYPE_CHECKING:
    from bench.analyse.speedup.standings import Standing
    from bench.analyse.stats.ratio import Ratio
    from bench.results.pair import Pair
    from bench.results.query import Identity
    from bench.run.interleaved.option_pairs import OptionObserver
    from bench.run.job import Progress as Word
    from bench.run.plan import Planned

__all__ = ["LiveNodes", "LiveObserver", "LiveRoundsDisplay"]


class LivePlace(Observer, Protocol):
    """A display of a terminal or a notebook; `left` is the time that it knows of."""

    left: Remaining


class LiveObserver:
    """Tells a display and the live page alike: see `bench.run.run_suite.Observer`."""

    def __init__(self, display: LivePlace, page: PagePart) -> None:
        self._display, self._page = display, page

    def notice(self, text: str) -> None:
        """Something that the user should know."""
        self._display.notice(text)
        self._page.notice(text)

    def begins(self, host: HostProfile, device: str, cells: Sequence[Planned], resumed: int) -> None:
        """The run begins."""
        self._display.begins(host, device, cells, resumed)
        self._page.begins(host, device, cells, resumed, self._display.left)

    def cell_begins(self, planned: Planned) -> None:
        """A cell begins."""
        self._display.cell_begins(planned)
        self._page.cell_begins(planned)

    def cell_says(self, word: Word) -> None:
        """The running cell has a word: the page is told nothing while one is measured."""
        self._display.cell_says(word)

    def cell_ends(self, record: Record) -> None:
        """A cell has ended."""
        self._display.cell_ends(record)
        self._page.cell_ends(record)

    def turns_begin(self, number: int, cells: Sequence[Planned]) -> None:
        """Cells are about to take turns, in the round of this number."""
        self._display.turns_begin(number, cells)
        self._page.turns_begin(number, cells)

    def stands(self, records: Sequence[Record], standing: Mapping[Identity, Standing], left: float) -> None:
        """A group has had its turns."""
        self._display.stands(records, standing, left)
        self._page.stands(standing)


class LiveRoundsDisplay(RoundsDisplay):
    """A display of pairs that tells the page of them."""

    def __init__(self, stream: TextIO, before: Callable[[], None], page: PagePart) -> None:
        super().__init__(stream, before, each=False)
        self._page = page

    def pair_begins(self, what: str, rounds: int) -> None:
        super().pair_begins(what, rounds)
        self._page.pair_begins(what)

    def pair_ends(self, pair: Pair) -> None:
        super().pair_ends(pair)
        self._page.pair_ends()


class LiveNodes:
    """A display of nodes, with the page told of each: see `bench.run.cluster.following.ClusterObserver`."""

    def __init__(self, display: NodesDisplay, page: RunPage) -> None:
        self._display, self._page = display, page

    def notice(self, text: str) -> None:
        """Something that the user should know."""
        self._display.notice(text)
        self._page.notice(text)

    def node(self, name: str) -> tuple[LiveObserver, OptionObserver]:
        """Who is told of the node of this name."""
        display, pairs = self._display.node(name)
        part = self._page.part(name)
        return LiveObserver(display, part), _LivePairs(pairs, part)

    def left(self, name: str) -> None:
        """The work of the node of this name is over."""
        self._display.left(name)
        self._page.part(name).over()

    def moved(self, name: str, to: str) -> None:
        """What is left of a lost node's part goes on at another."""
        self._display.moved(name, to)
        self._page.notice(moved_text(name, to))
        self._page.part(name).moved()


class _LivePairs:
    """Tells a node's display of pairs and the page alike: see `bench.run.interleaved.option_pairs.OptionObserver`."""

    def __init__(self, display: OptionObserver, page: PagePart) -> None:
        self._display, self._page = display, page

    def notice(self, text: str) -> None:
        """Something that the user should know."""
        self._display.notice(text)
        self._page.notice(text)

    def pair_begins(self, what: str, rounds: int) -> None:
        """Another pair, of at most so many rounds."""
        self._display.pair_begins(what, rounds)
        self._page.pair_begins(what)

    def pair_ends(self, pair: Pair) -> None:
        """A pair has ended."""
        self._display.pair_ends(pair)
        self._page.pair_ends()

    def round_begins(self, number: int) -> None:
        """A round begins, from 1."""
        self._display.round_begins(number)

    def cell_says(self, cell: str, word: Word) -> None:
        """A cell of the pair has a word: the page is told nothing while one is measured."""
        self._display.cell_says(cell, word)

    def round_ends(self, number: int, ratio: Ratio | None) -> None:
        """A round has ended."""
        self._display.round_ends(number, ratio)
