"""The displays of consoles and notebooks, with the live page told of the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, TextIO

from bench.cli.live import RunPage
from bench.cli.remaining import Remaining
from bench.cli.rounds import RoundsDisplay
from bench.host.profile import HostProfile
from bench.results.record import Record
from bench.run.run_suite import Observer

if TYPE_CHECKING:
    from bench.analyse.speedup.standings import Standing
    from bench.results.pair import Pair
    from bench.results.query import Identity
    from bench.run.job import Progress as Word
    from bench.run.plan import Planned

__all__ = ["LiveObserver", "LiveRoundsDisplay"]


class LivePlace(Observer, Protocol):
    """A display of a terminal or a notebook; `left` is the time that it knows of."""

    left: Remaining


class LiveObserver:
    """Tells a display and the live page alike: see `bench.run.run_suite.Observer`."""

    def __init__(self, display: LivePlace, page: RunPage) -> None:
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

    def __init__(self, stream: TextIO, before: Callable[[], None], page: RunPage) -> None:
        super().__init__(stream, before, each=False)
        self._page = page

    def pair_begins(self, what: str, rounds: int) -> None:
        super().pair_begins(what, rounds)
        self._page.pair_begins(what)

    def pair_ends(self, pair: Pair) -> None:
        super().pair_ends(pair)
        self._page.pair_ends()
