"""The blocks of the page of a working tree while a run adds to its records."""

from __future__ import annotations

import time
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

from bench.host.profile import HostProfile
from bench.host.registry import known
from bench.report.html.model import blocks
from bench.results.query import read_all
from bench.results.record import Record
from bench.results.stored_networks import read_networks
from bench.support.gc_paused import gc_paused

__all__ = ["LiveView"]

_SHARE: Final = 0.03
"""At most so much of a run's time goes into its page."""


class LiveView:
    """What `bench report --html` would write by now, made in the thread that asks for it.

    Records are read as the run begins, and once more as it ends; those that it leaves are added meanwhile. Only those
    of these `hosts` and `suites` are shown; None: all.
    """

    def __init__(
        self, root: Path, *, hosts: Collection[str] | None = None, suites: Collection[str] | None = None
    ) -> None:
        self._root = root
        self.hosts, self._suites = hosts, suites
        self._records: list[Record] = []
        self._profiles: tuple[HostProfile, ...] = ()
        self._made, self._took = -1.0, 0.0
        self.pending = False

    def read(self) -> dict[str, Any]:
        """The blocks of what lies in the tree."""
        with gc_paused():
            self._records = list(read_all(self._root, self.hosts, self._suites).records)
            self._profiles = tuple(known(self._root).profiles)
        return self.blocks()

    def add(self, record: Record) -> None:
        """A run has left it: behind the others of its file, as it will be read."""
        key, place = _place(record), len(self._records)
        while place and _place(self._records[place - 1]) > key:
            place -= 1
        self._records.insert(place, record)
        self.pending = True

    @property
    def due(self) -> bool:
        """Is there something new, and time for it? A tree of very many records is drawn anew less often."""
        return self.pending and (time.monotonic() - self._made) * _SHARE >= self._took

    def blocks(self) -> dict[str, Any]:
        """Those of all the records by now."""
        began = time.monotonic()
        with gc_paused():
            networks = read_networks(self._root, self._records).networks
            found = blocks(self._records, self._profiles, networks)
        self._made, self.pending = time.monotonic(), False
        self._took = self._made - began
        return found


def _place(record: Record) -> tuple[bool, str, str, str]:
    """Where its file comes among all: see `results_files`."""
    return record.team is not None, record.host, record.team or "", record.suite
