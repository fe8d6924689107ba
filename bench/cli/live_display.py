"""The console's displays, with the live page told of the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TextIO

from bench.cli.live import LivePage
from bench.cli.progress import Display
from bench.cli.rounds import RoundsDisplay
from bench.host.profile import HostProfile
from bench.results.record import Record
from bench.run.estimate import Estimator

if TYPE_CHECKING:
    from bench.analyse.speedup.standings import Standing
    from bench.results.pair import Pair
    from bench.results.query import Identity
    from bench.run.plan import Planned

__all__ = ["LiveDisplay", "LiveRoundsDisplay"]


class LiveDisplay(Display):
    """A display of a run whose page is open."""

    def __init__(self, stream: TextIO, before: Callable[[HostProfile], Estimator], page: LivePage) -> None:
        super().__init__(stream, before)
        self._page = page

    def notice(self, text: str) -> None:
        super().notice(text)
        self._page.notice(text)

    def begins(self, host: HostProfile, device: str, cells: Sequence[Planned], resumed: int) -> None:
        super().begins(host, device, cells, resumed)
        self._page.begins(host, device, cells, resumed, self.left)

    def cell_begins(self, planned: Planned) -> None:
        super().cell_begins(planned)
        self._page.cell_begins(planned)

    def cell_ends(self, record: Record) -> None:
        super().cell_ends(record)
        self._page.cell_ends(record)

    def turns_begin(self, number: int, cells: Sequence[Planned]) -> None:
        super().turns_begin(number, cells)
        self._page.turns_begin(number, cells)

    def stands(self, records: Sequence[Record], standing: Mapping[Identity, Standing], left: float) -> None:
        super().stands(records, standing, left)
        self._page.stands(standing)


class LiveRoundsDisplay(RoundsDisplay):
    """The same for pairs."""

    def __init__(self, stream: TextIO, before: Callable[[], None], page: LivePage) -> None:
        super().__init__(stream, before, each=False)
        self._page = page

    def pair_begins(self, what: str, rounds: int) -> None:
        super().pair_begins(what, rounds)
        self._page.pair_begins(what)

    def pair_ends(self, pair: Pair) -> None:
        super().pair_ends(pair)
        self._page.pair_ends()
