"""The observers of a run on a node, which tell the driver's."""

from __future__ import annotations

import pickle
import threading
import time
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bench.analyse.speedup.standings import Standing
from bench.analyse.stats.ratio import Ratio
from bench.host.profile import HostProfile
from bench.results.pair import Pair
from bench.results.query import Identity
from bench.results.record import Failure, Record
from bench.run.cluster.words import Kept, Told
from bench.run.job import Progress
from bench.run.plan import Planned

__all__ = ["Relay", "RelayPairs", "Sent"]

_CHUNK = 1 << 20
_QUIET_SECONDS = 1.0
"""A cell speaks at every window; who sends each on, and who carries it, would take processor time from it."""


class Sent:
    """Sends words, and the files of results under `root` that are new since it last looked."""

    def __init__(self, connection: Connection, root: Path) -> None:
        self._connection, self._root = connection, root
        self._known: dict[str, tuple[int, int]] = {}
        self._one_at_a_time = threading.Lock()

    def say(self, word: object) -> None:
        """Send a word; several threads may."""
        with self._one_at_a_time:
            self._connection.send_bytes(pickle.dumps(word))

    def files(self, *, checkpoints: bool = False) -> None:
        """Send what belongs to the records so far; with `checkpoints` the trainings under way, too."""
        results = self._root / "results"
        for path in sorted(results.rglob("*")):
            way = path.relative_to(results).parts
            wanted = {"networks", "weights"} | ({"checkpoints"} if checkpoints else set())
            kept = not wanted.isdisjoint(way[1:-1][:2])  # a team's results lie in a folder of its own
            if kept and path.is_file() and not path.name.startswith("."):
                self._send_new(path)

    def log(self, failure: Failure | None) -> None:
        """Send the log that a failure names."""
        if failure is not None and failure.log is not None and (self._root / failure.log).is_file():
            self._send_new(self._root / failure.log)

    def _send_new(self, path: Path) -> None:
        about = path.stat()
        seen = (about.st_mtime_ns, about.st_size)
        if self._known.get(str(path)) == seen:
            return
        self._known[str(path)] = seen
        name, more = path.relative_to(self._root).as_posix(), False
        with path.open("rb") as file:
            while (content := file.read(_CHUNK)) or not more:
                self.say(Kept({name: content}, more))
                more = True


class Relay:
    """Tells the driver's observer of cells: see `bench.run.run_suite.Observer`."""

    def __init__(self, sent: Sent) -> None:
        self._sent = sent
        self._spoke, self._stage = 0.0, ""

    def notice(self, text: str) -> None:
        """Something that the user should know."""
        self._tell("notice", text)

    def begins(self, host: HostProfile, device: str, cells: Sequence[Planned], resumed: int) -> None:
        """The run begins."""
        self._tell("begins", host, device, tuple(cells), resumed)

    def cell_begins(self, planned: Planned) -> None:
        """A cell begins."""
        self._tell("cell_begins", planned)

    def cell_says(self, word: Progress) -> None:
        """The running cell has a word: it is sent where its stage is another, or none was for a while."""
        now = time.monotonic()
        if word.stage == self._stage and word.epoch is None and now - self._spoke < _QUIET_SECONDS:
            return
        self._spoke, self._stage = now, word.stage
        self._tell("cell_says", Progress(word.stage, word.step_seconds, word.margin, word.epoch, word.epoch_steps))

    def cell_ends(self, record: Record) -> None:
        """A cell has ended: its files go before its record."""
        self._sent.files()
        self._sent.log(record.failure)
        self._tell("cell_ends", record)

    def turns_begin(self, number: int, cells: Sequence[Planned]) -> None:
        """Cells are about to take turns."""
        self._tell("turns_begin", number, tuple(cells))

    def stands(self, records: Sequence[Record], standing: Mapping[Identity, Standing], left: float) -> None:  # noqa: ARG002
        """A group has had its turns; the driver has the records."""
        self._tell("stands", dict(standing), left)

    def _tell(self, name: str, *arguments: Any) -> None:
        self._sent.say(Told(name, arguments))


class RelayPairs:
    """Tells the driver's observer of pairs: see `bench.run.interleaved.option_pairs.OptionObserver`."""

    def __init__(self, sent: Sent) -> None:
        self._sent = sent

    def notice(self, text: str) -> None:
        """Something that the user should know."""
        self._tell("notice", text)

    def pair_begins(self, what: str, rounds: int) -> None:
        """Another pair."""
        self._tell("pair_begins", what, rounds)

    def pair_ends(self, pair: Pair) -> None:
        """A pair has ended."""
        self._sent.log(pair.failure)
        self._tell("pair_ends", pair)

    def round_begins(self, number: int) -> None:
        """A round begins."""
        self._tell("round_begins", number)

    def cell_says(self, cell: str, word: Progress) -> None:
        """One of the two speaks: nothing for the driver, which hears of rounds."""

    def round_ends(self, number: int, ratio: Ratio | None) -> None:
        """A round has ended."""
        self._tell("round_ends", number, ratio)

    def _tell(self, name: str, *arguments: Any) -> None:
        self._sent.say(Told(name, arguments, pairs=True))
