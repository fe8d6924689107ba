"""One host's part of a run: what its node says becomes records here, and what is lost with a node is made up for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from bench.host.profile import HostProfile
from bench.host.registry import remember
from bench.results.index.newest import read_resumable
from bench.results.journal import Journal, journal_path, pairs_path, results_of
from bench.results.owner import owner
from bench.results.pair import Pair
from bench.results.query import latest
from bench.results.record import Record
from bench.results.writable import writable
from bench.run.cluster.kept import keep_file
from bench.run.cluster.words import Ended, Go, Kept, Ready, Refused, Task, Told
from bench.run.compose import compose
from bench.run.interleaved.option_pairs import OptionObserver
from bench.run.job import Outcome
from bench.run.plan import Planned
from bench.run.prepare import Request
from bench.run.process.logs import sweep_logs
from bench.run.run_suite import Observer, Summary

__all__ = ["Part"]

_MOST_TRIES = 2


@dataclass
class Part:
    """The cells of `task` on nodes that are the machine `host`, one node after another where one is lost.

    `records` and `pairs` are this run's; `over`: nothing more will come. `left` cells weren't measured, for the reason
    `why`. `go` is what the next node is told once it is ready, `losses` how often one was lost.
    """

    host: HostProfile
    ready: Ready
    task: Task
    request: Request
    observer: Observer
    options: OptionObserver
    records: list[Record] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)
    over: bool = False
    interrupted: bool = False
    why: str | None = None
    losses: int = 0
    go: Go | None = None
    _under_way: dict[str, Planned] = field(default_factory=dict)
    _once_more: dict[str, Planned] = field(default_factory=dict)
    _tries: dict[str, int] = field(default_factory=dict)
    _lost: set[str] = field(default_factory=set)
    _before: tuple[Record, ...] = ()
    _pairs_before: tuple[Pair, ...] = ()
    _stage: str = "start"

    def __post_init__(self) -> None:
        root, suite = self.request.root, self.request.suite.name
        self._team = owner(root)
        self._results = results_of(root, self.host.id, self._team)
        self._journal = Journal(journal_path(root, self.host.id, suite, self._team), Record)
        self._pairs_journal = Journal(pairs_path(root, self.host.id, suite, self._team), Pair)

    def check(self) -> None:
        """Raise InputError where its records can't be kept."""
        writable(self._journal.path)
        if self.task.options:
            writable(self._pairs_journal.path, Pair)

    def begin(self) -> Go:
        """What its first node is told once all are ready."""
        root = self.request.root
        if self.request.resume:
            self._before = tuple(read_resumable(root, self._journal.path).records)
            if self.task.options:
                self._pairs_before = tuple(self._pairs_journal.read().records)
        remember(root, self.host)
        if logs := sweep_logs(self._results):
            self.observer.notice(f"removed {logs} log{'s' if logs > 1 else ''} of killed runs that no record names")
        only = tuple(cell.id for cell in self.task.cells)
        before = self._before, self._pairs_before
        return Go(self.host, self._team, only, self.request.resume, *before, self._checkpoints())

    def again(self) -> tuple[Task, Go]:
        """What another node is told: to go on."""
        cells = tuple(cell for cell in self.task.cells if cell.id not in self._lost)
        task = replace(self.task, cells=cells)
        records, pairs = (*self._before, *self.records), (*self._pairs_before, *self.pairs)
        only = tuple(cell.id for cell in cells)
        return task, Go(self.host, self._team, only, True, records, pairs, self._checkpoints())

    def hear(self, word: object) -> None:
        """One word of its node. Raises JournalError where a record can't be kept."""
        if isinstance(word, Kept):
            for path, content in word.files.items():
                self._keep(path, content, more=word.more)
        elif isinstance(word, Ended):
            self.over, self.interrupted, self.why = True, word.interrupted, word.why
        elif isinstance(word, Refused):
            self.over, self.why = True, "; ".join(map(str, word.faults))
        elif isinstance(word, Told):
            self._told(word)

    def lose(self, why: str, *, out_of_memory: bool = False) -> None:
        """Its node has gone. Of the cells under way those are recorded as lost that were lost before, or that took all
        of the node's memory; the others are to be measured again."""
        self.losses += 1
        for planned in list(self._under_way.values()):
            tries = self._tries[planned.cell.id] = self._tries.get(planned.cell.id, 0) + 1
            if out_of_memory or tries >= _MOST_TRIES:
                self._add_lost(planned, why, out_of_memory)
            else:
                self._once_more[planned.cell.id] = planned
        self._under_way.clear()

    def give_up(self, why: str) -> None:
        """There is no other node for it: what was to be measured again is recorded as lost."""
        for planned in list(self._once_more.values()):
            self._add_lost(planned, why, False)
        self.over, self.why = True, why

    def _add_lost(self, planned: Planned, why: str, out_of_memory: bool) -> None:
        outcome = Outcome("out_of_memory" if out_of_memory else "crashed", self._stage, why)
        started = datetime.now(UTC).isoformat(timespec="seconds")
        record = compose(self.ready.setting, planned, outcome, started, 0.0, None, None)
        self._lost.add(planned.cell.id)
        ours: dict[str, Any] = {"environment": {}, "team": self._team}  # this environment says nothing of the node's
        self._add(record.model_copy(update=ours))

    @property
    def left(self) -> tuple[str, ...]:
        """The cells that there is nothing whole of."""
        measured = {record.cell for record in (*self._before, *self.records) if record.whole or not record.ok}
        return tuple(cell.id for cell in self.task.cells if cell.id not in measured)

    @property
    def summary(self) -> Summary:
        """What it gave."""
        return Summary(latest(self.records), self.host, tuple(self.pairs))

    def _told(self, word: Told) -> None:
        observer = self.options if word.pairs else self.observer
        if word.name == "cell_ends":
            self._add(*word.arguments)
            return
        if word.name == "pair_ends":
            (pair,) = word.arguments
            for notice in self._pairs_journal.append(pair):
                self.observer.notice(notice)
            self.pairs.append(pair)
        if word.name == "stands":  # it has the records of this run only
            self.observer.stands(latest(self.records), *word.arguments)
            return
        if word.name in ("cell_begins", "turns_begin"):
            self._begin(word.arguments[-1])
        if word.name == "cell_says" and not word.pairs:
            self._stage = word.arguments[0].stage
        getattr(observer, word.name)(*word.arguments)

    def _begin(self, what: Planned | Iterable[Planned]) -> None:
        known = {record.cell for record in self.records}
        cells = (what,) if isinstance(what, Planned) else what
        self._under_way |= {one.cell.id: one for one in cells if one.cell.id not in known}
        self._stage = "start"

    def _add(self, record: Record) -> None:
        for notice in self._journal.append(record):
            self.observer.notice(notice)
        self.records.append(record)
        self._under_way.pop(record.cell, None)
        self._once_more.pop(record.cell, None)
        self.observer.cell_ends(record)

    def _keep(self, path: str, content: bytes, *, more: bool) -> None:
        """Write what belongs to a record, where it may lie; else it is left out."""
        if not keep_file(self.request.root, self._results, path, content, more=more):
            self.observer.notice(f"{path} doesn't belong to the results of {self.host.id}, and was left out")

    def _checkpoints(self) -> dict[str, bytes]:
        """The trainings under way of this suite that are kept here, for the node to go on with."""
        if not self.request.resume:
            return {}
        root = self.request.root
        folder = self._results / "checkpoints" / self.request.suite.name
        return {path.relative_to(root).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
