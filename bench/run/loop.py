"""The main job: every cell of a suite, one after the other, each leaving a record."""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from bench.errors import Fault, InputError
from bench.host.detect import Hardware, detect
from bench.host.profile import HostProfile
from bench.host.registry import recognise, remember
from bench.measure.nvml import GpuWatch
from bench.results.journal import Journal, journal_path
from bench.results.query import good
from bench.results.record import DataInfo, Record
from bench.results.writable import writable
from bench.run.compose import Setting, compose
from bench.run.executors import Executor, InlineExecutor
from bench.run.job import Job, Outcome, Progress
from bench.run.plan import Planned, fingerprints, plan
from bench.suite.names import is_import_path
from bench.suite.spec import Cell, Suite
from bench.workload.data import load, store

__all__ = ["Interrupted", "Observer", "Preview", "Request", "Summary", "check_batches", "preview", "run_suite"]


@dataclass(frozen=True)
class Request:
    """What is to be run, and where its results go."""

    suite: Suite
    cells: Sequence[Cell]
    root: Path
    data_dir: Path | None = None
    strict_data: bool = False
    resume: bool = False
    host: str | None = None


@dataclass(frozen=True)
class Summary:
    """What a run gave: its records, and the host that they are filed under."""

    records: tuple[Record, ...]
    host: HostProfile

    @property
    def failed(self) -> int:
        """Cells that ended neither ok nor skipped."""
        return sum(record.status not in ("ok", "skipped") for record in self.records)


class Interrupted(Exception):  # noqa: N818 - not an error
    """The user ended the run. The cell that was running is lost, and nothing else."""

    def __init__(self, kept: int, left: int, path: Path) -> None:
        super().__init__(f"{kept} records kept in {path}, {left} cells not measured")


class Observer(Protocol):
    """Who is told how the run goes."""

    def notice(self, text: str) -> None: ...
    def begins(self, host: HostProfile, device: str, cells: Sequence[Planned], resumed: int) -> None: ...
    def cell_begins(self, planned: Planned) -> None: ...
    def cell_says(self, word: Progress) -> None: ...
    def cell_ends(self, record: Record) -> None: ...


def run_suite(request: Request, executor: Executor, observer: Observer) -> Summary:
    """Measure the cells of `request`, one record each, appended as soon as it is there.

    Raises InputError before anything is run or written where the input can't be run; `JournalError` where a record
    can't be kept; `Interrupted` on Ctrl-C.
    """
    hardware = detect()
    with executor, tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        stored = Path(scratch) / "data"
        data = _stored_data(request, executor, stored)
        check_batches(request.cells, data)
        if data.reason:
            observer.notice(f"synthetic data: {data.reason}; timings hold, accuracies say nothing of real images")
        setting = _setting(request, executor, hardware, data, observer)
        planned = [plan(cell, setting.hardware) for cell in request.cells]
        journal = Journal(journal_path(request.root, setting.host.id, request.suite.name), Record)
        writable(journal.path)
        done = good(journal.read().records) if request.resume else frozenset()
        left = [one for one in planned if _key(one, setting) not in done]
        remember(request.root, setting.host)
        observer.begins(setting.host, setting.device_name, left, len(planned) - len(left))
        runner = _Runner(request, executor, observer, setting, journal, stored, Path(scratch))
        try:
            for one in left:
                runner.measure(one)
        except KeyboardInterrupt:
            raise Interrupted(len(runner.records), len(left) - len(runner.records), journal.path) from None
    return Summary(tuple(runner.records), setting.host)


def _stored_data(request: Request, executor: Executor, to: Path) -> DataInfo:
    spec, folder = request.suite.data, Path(request.suite.folder)
    if is_import_path(spec.name):
        return executor.load_own(spec, request.data_dir, request.strict_data, folder, to)
    data = load(spec, data_dir=request.data_dir, strict=request.strict_data, folder=folder)
    store(data, to)
    return data.info


@dataclass(frozen=True)
class Preview:
    """What `run_suite` would measure: every cell that is asked for, and on which host."""

    cells: tuple[Planned, ...]
    host: HostProfile
    device: str


def preview(request: Request) -> Preview:
    """What `run_suite` would measure, without TensorFlow, and with nothing run or written.

    Raises what `run_suite` raises for bad input. What a cell would be is judged by what the driver says of the GPU, and
    `resume` is not looked at: what is good depends on the framework's version, which isn't asked for here.
    """
    hardware, suite = detect(), request.suite
    host = recognise(request.root, hardware, request.host).profile
    writable(journal_path(request.root, host.id, suite.name))
    data = load(suite.data, data_dir=request.data_dir, strict=request.strict_data, folder=Path(suite.folder))
    check_batches(request.cells, data.info)
    return Preview(tuple(plan(cell, hardware) for cell in request.cells), host, hardware.gpu_name or hardware.cpu)


def check_batches(cells: Sequence[Cell], data: DataInfo) -> None:
    """Raise InputError where a batch is larger than the training data: there would be no whole batch."""
    for size in sorted({cell.batch_size for cell in cells}):
        if size > data.train_images:
            raise InputError(
                Fault(
                    f"batch_sizes: a batch of {size} is larger than the training data ({data.train_images} images)",
                    f"at most {data.train_images}",
                )
            )


def _setting(request: Request, executor: Executor, hardware: Hardware, data: DataInfo, observer: Observer) -> Setting:
    device = executor.probe()
    unused = None
    if hardware.kind == "gpu" and device.kind == "cpu":
        unused = hardware.gpu_name
        observer.notice(
            f"{unused} is there, but TensorFlow computes on the CPU: install tensorflow[and-cuda] "
            "(pip install '.[gpu]'); the results are filed under this machine's CPU"
        )
        hardware = hardware.as_cpu()
    elif hardware.kind == "cpu" and device.kind == "gpu":
        observer.notice(f"TensorFlow computes on {device.name}, which NVML doesn't show: {hardware.gpu_absent}")
        seen = {"kind": "gpu", "gpu_name": device.name, "compute_capability": device.compute_capability}
        hardware = hardware.model_copy(update=seen)
    recognised = recognise(request.root, hardware, request.host)
    if recognised.replaced:
        observer.notice(recognised.replaced)
    inline = isinstance(executor, InlineExecutor)
    if inline:
        observer.notice("inline: cells share this process, which changes what they measure; not figures that count")
    return Setting(request.suite, recognised.profile, device, hardware, unused, data, inline)


def _key(planned: Planned, setting: Setting) -> tuple[str, str, str]:
    return (setting.host.id, planned.cell.id, fingerprints(planned, setting.data, setting.software)[1])


class _Runner:
    """Measures cells and keeps their records; hears the cell for the GPU's watch and the observer."""

    def __init__(
        self,
        request: Request,
        executor: Executor,
        observer: Observer,
        setting: Setting,
        journal: Journal[Record],
        data: Path,
        scratch: Path,
    ) -> None:
        self.request, self.executor, self.observer = request, executor, observer
        self.setting, self.journal, self.data, self.scratch = setting, journal, data, scratch
        self.records: list[Record] = []
        self.watch: GpuWatch | None = None
        self.watching = False

    def measure(self, planned: Planned) -> None:
        """One cell: measured or skipped, recorded either way."""
        self.observer.cell_begins(planned)
        started = datetime.now(UTC).isoformat(timespec="seconds")
        began = time.perf_counter()
        self.watching = False
        if planned.skip is not None:
            record = compose(self.setting, planned, Outcome("skipped", "plan", planned.skip), started, 0.0, None, None)
        else:
            environment = {**os.environ, **planned.options.env}  # CUDA_VISIBLE_DEVICES says which GPU to watch
            log = _log_path(self.request.root, self.setting.host.id, planned.cell, started)
            with tempfile.TemporaryDirectory(dir=self.scratch) as scratch, GpuWatch(environ=environment) as self.watch:
                job = Job(
                    cell=planned.cell,
                    options=planned.options,
                    device_kind=self.setting.device.kind,
                    data=self.data,
                    scratch=Path(scratch),
                    log=log,
                    asked=time.perf_counter(),
                )
                outcome = self.executor.run(job, self)
                if self.watching:
                    self.watch.end()
                seconds = time.perf_counter() - began
                kept = _tidy(log, outcome, self.request.root)
                record = compose(self.setting, planned, outcome, started, seconds, self.watch, kept)
        for notice in self.journal.append(record):
            self.observer.notice(notice)
        self.records.append(record)
        self.observer.cell_ends(record)

    def started(self, pid: int) -> None:
        """The cell's process runs."""
        if self.watch is not None:
            self.watch.pid = pid

    def progress(self, word: Progress) -> None:
        """The cell said something."""
        windows = word.stage == "windows"
        if self.watch is not None and windows != self.watching:
            (self.watch.begin if windows else self.watch.end)()
            self.watching = windows
        self.observer.cell_says(word)

    def tick(self) -> None:
        """A quarter of a second has passed, or the cell spoke."""
        if self.watch is not None and self.watching:
            self.watch.sample()


def _log_path(root: Path, host: str, cell: Cell, started: str) -> Path:
    name = f"{cell.id.replace('/', '_')}-{re.sub(r'[^0-9T]', '', started.partition('+')[0])}.log"
    return root / "results" / host / "logs" / cell.suite / name


def _tidy(log: Path, outcome: Outcome, root: Path) -> str | None:
    """Keep the log of a cell that failed; gives its path relative to the root."""
    if outcome.status != "ok":
        return log.relative_to(root).as_posix() if log.exists() else None
    log.unlink(missing_ok=True)
    for folder in (log.parent, log.parent.parent):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    return None
