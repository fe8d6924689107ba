"""An observer of runs that keeps what it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.analyse.speedup.standings import Standing
from bench.host.profile import HostProfile
from bench.results.query import Identity
from bench.results.record import Record
from bench.run.job import Progress
from bench.run.plan import Planned

__all__ = ["Listener"]


class Listener:
    """Shows nothing; keeps `notices`, the `device`, each cell's `words`, the `records`, and of `rounds` the number and
    the cells.

    See `bench.run.run_suite.Observer`.
    """

    def __init__(self) -> None:
        self.notices: list[str] = []
        self.device = ""
        self.words: list[list[Progress]] = []
        self.records: list[Record] = []
        self.rounds: list[tuple[int, tuple[str, ...]]] = []

    def notice(self, text: str) -> None:
        """Something that the user should know."""
        self.notices.append(text)

    def begins(self, host: HostProfile, device: str, cells: Sequence[Planned], resumed: int) -> None:  # noqa: ARG002
        """The run begins."""
        self.device = device

    def cell_begins(self, planned: Planned) -> None:  # noqa: ARG002
        """A cell begins."""
        self.words.append([])

    def cell_says(self, word: Progress) -> None:
        """The running cell has a word."""
        self.words[-1].append(word)

    def cell_ends(self, record: Record) -> None:
        """A cell, or another process of one, has ended."""
        self.records.append(record)

    def turns_begin(self, number: int, cells: Sequence[Planned]) -> None:
        """Cells are about to take turns, in the round of this number."""
        self.words.append([])
        self.rounds.append((number, tuple(one.cell.id for one in cells)))

    def stands(self, records: Sequence[Record], standing: Mapping[Identity, Standing], left: float) -> None:
        """A group has had its turns."""
