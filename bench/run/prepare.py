"""What a run needs before its first cell: data stored, device asked, host recognised, cells planned."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.errors import Fault, InputError
from bench.host.detect import Hardware, detect
from bench.host.profile import HostProfile
from bench.host.registry import recognise
from bench.measure.idle import idle_watts
from bench.nvml import Reading
from bench.results.journal import journal_path
from bench.results.record import DataInfo
from bench.results.writable import writable
from bench.run.compose import Setting
from bench.run.executors import Executor
from bench.run.job import Job
from bench.run.machine import this_machine
from bench.run.plan import Planned, plan
from bench.run.toggles import Toggle, toggles
from bench.suite.names import is_import_path
from bench.suite.spec import Cell, Suite
from bench.workload.data import load, store

__all__ = ["Prepared", "Preview", "Request", "check_batches", "prepared", "preview"]

Notice = Callable[[str], None]


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
    idle_power: bool = True
    """Is the GPU's idle power to be read? That takes a second, and records alone hold it."""


@dataclass(frozen=True)
class Prepared:
    """What the cells of a run share, and the cells as this machine takes them.

    `data` is the folder of the stored data set, `scratch` one that lasts as long as the run.
    """

    root: Path
    executor: Executor
    setting: Setting
    planned: tuple[Planned, ...]
    data: Path
    scratch: Path

    def job(self, planned: Planned, scratch: Path, log: Path) -> Job:
        """What the process of `planned` is given, asked for now; `scratch` is a folder of its own."""
        return Job(
            cell=planned.cell,
            options=planned.options,
            device_kind=self.setting.device.kind,
            data=self.data,
            scratch=scratch,
            log=log,
            asked=time.perf_counter(),
        )


@contextmanager
def prepared(request: Request, executor: Executor, notice: Notice) -> Iterator[Prepared]:
    """Make ready for the cells of `request`, with `executor` entered; `notice` is told what the user should know.

    Raises InputError, with nothing written, where the input can't be run.
    """
    hardware = detect()
    idle = _idle_power(request, executor)  # while nothing of ours is on the card
    with executor, tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        stored = Path(scratch) / "data"
        data = _stored_data(request, executor, stored)
        check_batches(request.cells, data)
        if data.reason:
            notice(f"synthetic data: {data.reason}; timings hold, accuracies say nothing of real images")
        setting = _setting(request, executor, hardware, idle, data, notice)
        planned = tuple(executor.plan(cell, setting.hardware) for cell in request.cells)
        yield Prepared(request.root, executor, setting, planned, stored, Path(scratch))


def _stored_data(request: Request, executor: Executor, to: Path) -> DataInfo:
    spec, folder = request.suite.data, Path(request.suite.folder)
    if is_import_path(spec.name):
        return executor.load_own(spec, request.data_dir, request.strict_data, folder, to)
    data = load(spec, data_dir=request.data_dir, strict=request.strict_data, folder=folder)
    store(data, to)
    return data.info


@dataclass(frozen=True)
class Preview:
    """What `run_suite` would measure: every cell that is asked for, on which host, and then in turns, if asked for."""

    cells: tuple[Planned, ...]
    host: HostProfile
    device: str
    pairs: tuple[Toggle, ...]


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
    planned = tuple(plan(cell, hardware) for cell in request.cells)
    pairs = toggles(suite, planned, hardware) if suite.attribute else ()
    return Preview(planned, host, hardware.gpu_name or hardware.cpu, pairs)


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


def _idle_power(request: Request, executor: Executor) -> Reading[float]:
    if executor.name == "replay":
        return Reading(None, "replayed")
    return idle_watts() if request.idle_power else Reading(None, "not asked for")


def _setting(
    request: Request,
    executor: Executor,
    hardware: Hardware,
    idle: Reading[float],
    data: DataInfo,
    notice: Notice,
) -> Setting:
    here = this_machine(request.root, executor, request.host, notice, hardware)
    if executor.caveat:
        notice(executor.caveat)
    return Setting(request.suite, here.profile, here.device, here.hardware, here.gpu_unused, data, executor.name, idle)
