"""A cell measured by itself, from its first step to its last window without a pause, and all that comes after them."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from bench.instruments.energy import EnergyMeter
from bench.instruments.watch import CellWatch
from bench.results.journal import Journal
from bench.results.record import Record
from bench.results.window import Turns
from bench.run.compose import compose
from bench.run.job import Outcome, Progress
from bench.run.kept_network import network_kept
from bench.run.plan import Planned
from bench.run.prepare import Prepared, Request
from bench.run.process.executors import Executor, LocalExecutor
from bench.run.process.logs import drop, held, log_path, tidy
from bench.run.training_places import forget

__all__ = ["CellObserver", "SingleCellRunner"]


class CellObserver(Protocol):
    """Who is told how it goes with cells."""

    def notice(self, text: str) -> None: ...
    def cell_begins(self, planned: Planned) -> None: ...
    def cell_says(self, word: Progress) -> None: ...
    def cell_ends(self, record: Record) -> None: ...


class SingleCellRunner:
    """Measures cells, one record each, kept in `journal` if there is one; tells the cell's watch and the observer."""

    def __init__(
        self,
        request: Request,
        executor: Executor,
        observer: CellObserver,
        ready: Prepared,
        journal: Journal[Record] | None,
    ) -> None:
        self.request, self.executor, self.observer = request, executor, observer
        self.ready, self.setting, self.journal = ready, ready.setting, journal
        self.records: list[Record] = []
        self.at_work: Planned | None = None
        self.watch: CellWatch | None = None
        self.watching = False
        self.meter: EnergyMeter | None = None
        self.metering = False
        self.energy: dict[int, float] = {}

    def measure(self, planned: Planned, turns: Turns | None = None) -> Record:
        """One cell: measured or skipped, recorded either way; `turns` is its place in a run of several processes."""
        self.at_work = planned
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
                record = self._measured(planned, started, stack).model_copy(update={"turns": turns})
            for notice in self.journal.append(record) if self.journal is not None else ():
                self.observer.notice(notice)
        if places is not None and record.ok:
            forget(places.checkpoint)
        self.records.append(record)
        self.at_work = None
        self.observer.cell_ends(record)
        return record

    def _measured(self, planned: Planned, started: str, stack: ExitStack) -> Record:
        """Its log, where it stays, is held until the end of `stack`."""
        began = self.executor.clock()
        self.watching = self.metering = False
        self.energy = {}
        environment = {**os.environ, **planned.options.env}  # CUDA_VISIBLE_DEVICES says which GPU to watch
        log = log_path(self.ready.results, planned.cell, started)
        if isinstance(self.executor, LocalExecutor):
            stack.enter_context(held(log))
        gpus = int(planned.options.devices) if self.setting.device.kind == "gpu" else 1
        watch = CellWatch(environment, self.executor.clock, processors=self.setting.executor != "replay", devices=gpus)
        trains = planned.cell.train is not None
        meter = EnergyMeter(environment, self.executor.clock, gpus) if trains else nullcontext()
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
        if self.journal is not None:
            outcome = network_kept(self.ready.results, outcome)
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
