"""An observer of runs that keeps what it is told."""

from __future__ import annotations

from collections.abc import Sequence

from bench.host.profile import HostProfile
from bench.results.record import Record
from bench.run.job import Progress
from bench.run.plan import Planned

__all__ = ["Listener"]


class Listener:
    """Shows nothing; keeps `notices`, the `device`, each cell's `words`, and the `records`.

    See `bench.run.loop.Observer`.
    """

    def __init__(self) -> None:
        self.notices: list[str] = []
        self.device = ""
        self.words: list[list[Progress]] = []
        self.records: list[Record] = []

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
        """A cell has ended."""
        self.records.append(record)
