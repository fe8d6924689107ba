"""The main job: every cell of a suite, one after the other, each leaving a record."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from bench.host.profile import HostProfile
from bench.host.registry import remember
from bench.measure.energy import EnergyMeter
from bench.measure.watch import CellWatch
from bench.results.journal import Journal, journal_path
from bench.results.pair import Pair
from bench.results.query import good
from bench.results.record import Record
from bench.results.writable import writable
from bench.run.compose import Setting, compose
from bench.run.executors import Executor
from bench.run.job import Outcome, Progress
from bench.run.logs import drop, held, log_path, sweep_logs, tidy
from bench.run.option_pairs import OptionObserver, measure_options, options_left
from bench.run.plan import Planned, fingerprints
from bench.run.prepare import Prepared, Request, prepared
from bench.run.toggles import Toggle
from bench.run.training_places import forget

__all__ = ["Interrupted", "Observer", "Runner", "Summary", "run_suite"]


@dataclass(frozen=True)
class Summary:
    """What a run gave: its records, the host that they are filed under, and pairs of cells measured in turns."""

    records: tuple[Record, ...]
    host: HostProfile
    pairs: tuple[Pair, ...] = ()

    @property
    def ended(self) -> int:
        """Cells and pairs that were measured."""
        return len(self.records) + len(self.pairs)

    @property
    def failed(self) -> int:
        """Cells and pairs that ended neither ok nor skipped."""
        ended = [record.status for record in self.records] + [pair.status for pair in self.pairs]
        return sum(status not in ("ok", "skipped") for status in ended)


class Interrupted(Exception):  # noqa: N818 - not an error
    """The user ended the run. The cell that was running is lost, and nothing else; `cell` is one that was in training,
    whose last epoch is kept."""

    def __init__(
        self, kept: int, left: int, path: Path, pairs: int = 0, pairs_left: int = 0, cell: str | None = None
    ) -> None:
        also = f"; {pairs} pairs in turns kept, {pairs_left} not measured" if pairs or pairs_left else ""
        also += f"; the training of {cell} is kept up to its last epoch" if cell is not None else ""
        super().__init__(f"{kept} records kept in {path}, {left} cells not measured{also}")


class Observer(Protocol):
    """Who is told how the run goes."""

    def notice(self, text: str) -> None: ...
    def begins(self, host: HostProfile, device: str, cells: Sequence[Planned], resumed: int) -> None: ...
    def cell_begins(self, planned: Planned) -> None: ...
    def cell_says(self, word: Progress) -> None: ...
    def cell_ends(self, record: Record) -> None: ...


def run_suite(
    request: Request, executor: Executor, observer: Observer, options: OptionObserver | None = None
) -> Summary:
    """Measure the cells of `request`, one record each, appended as soon as it is there.

    Where the suite wants `attribute`, each option of its variants is then measured on against off, if there is an
    observer of `options`.

    Raises InputError before anything is run or written where the input can't be run; `JournalError` where a record
    can't be kept; `Interrupted` on Ctrl-C.
    """
    with prepared(request, executor, observer.notice) as ready:
        setting = ready.setting
        journal = Journal(journal_path(request.root, setting.host.id, request.suite.name), Record)
        writable(journal.path)
        done = good(journal.read().records, request.suite.attribute) if request.resume else frozenset()
        left = [one for one in ready.planned if _key(one, setting) not in done]
        wanted: tuple[Toggle, ...] = ()
        if options is not None and request.suite.attribute:
            wanted = options_left(ready, request.suite, ready.planned, request.resume)
        remember(request.root, setting.host)
        logs = sweep_logs(request.root / "results" / setting.host.id)
        if logs:
            observer.notice(f"removed {logs} log{'s' if logs > 1 else ''} of killed runs that no record names")
        observer.begins(setting.host, setting.device_name, left, len(ready.planned) - len(left))
        runner = Runner(request, executor, observer, ready, journal)
        pairs: list[Pair] = []
        try:
            for one in left:
                runner.measure(one)
            for pair in measure_options(ready, wanted, options) if options is not None else ():
                pairs.append(pair)
        except KeyboardInterrupt:
            cells_left, pairs_left = len(left) - len(runner.records), len(wanted) - len(pairs)
            at_work = left[len(runner.records)] if cells_left else None
            cell = at_work.cell.id if at_work is not None and _under_way(ready, at_work) else None
            raise Interrupted(len(runner.records), cells_left, journal.path, len(pairs), pairs_left, cell) from None
    return Summary(tuple(runner.records), setting.host, tuple(pairs))


def _under_way(ready: Prepared, planned: Planned) -> bool:
    """Is a training of it kept, to be gone on with?"""
    places = ready.places(planned)
    return places is not None and any(places.checkpoint.glob("*.npz"))


def _key(planned: Planned, setting: Setting) -> tuple[str, str, str]:
    return (setting.host.id, planned.cell.id, fingerprints(planned, setting.info(planned.cell), setting.software)[1])


class Runner:
    """Measures cells, one record each, kept in `journal` if there is one; tells the cell's watch and the observer."""

    def __init__(
        self,
        request: Request,
        executor: Executor,
        observer: Observer,
        ready: Prepared,
        journal: Journal[Record] | None,
    ) -> None:
        self.request, self.executor, self.observer = request, executor, observer
        self.ready, self.setting, self.journal = ready, ready.setting, journal
        self.records: list[Record] = []
        self.watch: CellWatch | None = None
        self.watching = False
        self.meter: EnergyMeter | None = None
        self.metering = False
        self.energy: dict[int, float] = {}

    def measure(self, planned: Planned) -> Record:
        """One cell: measured or skipped, recorded either way."""
        self.observer.cell_begins(planned)
        started = datetime.now(UTC).isoformat(timespec="seconds")
        places = self.ready.places(planned)
        if places is not None and not self.request.resume:
            forget(places.checkpoint)
        with ExitStack() as stack:
            if planned.skip is not None:
                skipped = Outcome("skipped", "plan", planned.skip)
                record = compose(self.setting, planned, skipped, started, 0.0, None, None)
            else:
                record = self._measured(planned, started, stack)
            for notice in self.journal.append(record) if self.journal is not None else ():
                self.observer.notice(notice)
        if places is not None and record.ok:
            forget(places.checkpoint)
        self.records.append(record)
        self.observer.cell_ends(record)
        return record

    def _measured(self, planned: Planned, started: str, stack: ExitStack) -> Record:
        """Its log, where it stays, is held until the end of `stack`."""
        began = self.executor.clock()
        self.watching = self.metering = False
        self.energy = {}
        environment = {**os.environ, **planned.options.env}  # CUDA_VISIBLE_DEVICES says which GPU to watch
        log = log_path(self.request.root, self.setting.host.id, planned.cell, started)
        if self.executor.name == "local":
            stack.enter_context(held(log))
        watch = CellWatch(environment, self.executor.clock, processors=self.setting.executor != "replay")
        trains = planned.cell.train is not None
        meter = EnergyMeter(environment, self.executor.clock) if trains else nullcontext()
        try:
            with (
                tempfile.TemporaryDirectory(dir=self.ready.scratch) as scratch,
                watch as self.watch,
                meter as self.meter,
            ):
                outcome = self.executor.run(self.ready.job(planned, Path(scratch), log), self)
                if self.watching:
                    self.watch.end()
                seconds = self.executor.clock() - began
        except BaseException:  # Ctrl-C: no record will name it
            drop(log)
            raise
        kept = tidy(log, outcome, self.request.root)
        return compose(self.setting, planned, outcome, started, seconds, self.watch, kept, self.energy)

    def started(self, pid: int) -> None:
        """The cell's process runs."""
        if self.watch is not None:
            self.watch.started(pid)

    def progress(self, word: Progress) -> None:
        """The cell said something."""
        windows = word.stage == "windows"
        if self.watch is not None and windows != self.watching:
            (self.watch.begin if windows else self.watch.end)()
            self.watching = windows
        began, self.metering = self.metering, word.stage == "training"
        if self.meter is not None and self.metering and (word.epoch is not None or not began):
            joules = self.meter.lap()
            if word.epoch is not None and joules.value is not None:
                self.energy[word.epoch.epoch] = joules.value
        if word.notice is not None:
            self.observer.notice(word.notice)
        self.observer.cell_says(word)

    def tick(self) -> None:
        """A quarter of a second has passed, or the cell spoke."""
        if self.watch is not None and self.watching:
            self.watch.sample()
        if self.meter is not None and self.metering:
            self.meter.sample()
