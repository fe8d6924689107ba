"""What a run needs before its first cell: data stored, device asked, host recognised, cells planned."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from bench.errors import InputError
from bench.host.detect import Hardware, detect
from bench.host.profile import HostProfile
from bench.host.registry import recognise
from bench.instruments.idle import idle_watts
from bench.results.journal import journal_path, results_of
from bench.results.owner import owner
from bench.results.record import DataInfo
from bench.results.writable import writable
from bench.run.checks import asks_tensorflow, check_batches, checked
from bench.run.compose import RunContext, data_key
from bench.run.interleaved.toggles import Toggle, toggles
from bench.run.job import DataRequest, Job
from bench.run.machine import this_machine
from bench.run.plan import Planned, fingerprints, plan, unmet
from bench.run.process.executors import Executor
from bench.run.process.scratch import scratch_folder, sweep
from bench.run.process.worker import make_ready
from bench.run.training_places import TrainingPlaces, training_places
from bench.suite.cells import Cell, Suite
from bench.suite.names import is_import_path
from bench.system.nvml import Reading
from bench.workload.data import load

__all__ = ["Prepared", "Preview", "Request", "prepared", "preview", "with_data"]

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
    until: float | None = None
    """Seconds that the run may take; None: as long as one pass over its cells would."""
    precision: float | None = None
    """Half the width of every speed-up's interval, as a share of it, that is to be reached; None: any that decides."""
    idle_power: bool = True
    """Is the GPU's idle power to be read? That takes a second, and records alone hold it."""


@dataclass(frozen=True)
class Prepared:
    """What the cells of a run share, and the cells as this machine takes them.

    `data` are the folders of the stored data sets, by `data_key`; `scratch` is one that lasts as long as the run.
    """

    root: Path
    executor: Executor
    setting: RunContext
    planned: tuple[Planned, ...]
    data: Mapping[str, Path]
    scratch: Path

    @property
    def results(self) -> Path:
        """The folder that results go to: the host's, or the tree's owner's on it."""
        return results_of(self.root, self.setting.host.id, self.setting.team)

    def plan(self, cell: Cell) -> Planned:
        """Another cell of the same data as this machine takes it."""
        return with_data(self.executor.plan(cell, self.setting.hardware), self.setting.info(cell))

    def job(self, planned: Planned, scratch: Path, log: Path) -> Job:
        """What the process of `planned` is given, asked for now; `scratch` is a folder of its own."""
        places = self.places(planned)
        return Job(
            cell=planned.cell,
            options=planned.options,
            device_kind=self.setting.device.kind,
            data=self.data[data_key(planned.cell.data)],
            scratch=scratch,
            log=log,
            asked=time.perf_counter(),
            checkpoint=places.checkpoint if places else None,
            weights=places.weights if places else None,
        )

    def places(self, planned: Planned) -> TrainingPlaces | None:
        """Where the training of `planned` is kept; None where it isn't trained."""
        if planned.cell.train is None:
            return None
        _, fingerprint = fingerprints(planned, self.setting.info(planned.cell), self.setting.software)
        return training_places(self.results, planned.cell, fingerprint)


@contextmanager
def prepared(request: Request, executor: Executor, notice: Notice) -> Iterator[Prepared]:
    """Make ready for the cells of `request`, with `executor` entered; `notice` is told what the user should know.

    Raises InputError, with nothing written, where the input can't be run.
    """
    team = owner(request.root)
    sweep(request.root, notice)
    hardware = executor.hardware()
    idle = _idle_power(request, executor)  # while nothing of ours is on the card
    with executor, scratch_folder() as scratch:
        folders: dict[str, Path] = {}
        infos: dict[str, DataInfo] = {}
        for key, cell in _first_cells(request).items():
            folders[key] = scratch / f"data-{len(folders)}"
            infos[key] = _made_ready(request, cell, folders[key], executor)
        check_batches(request.suite, request.cells, lambda cell: infos[data_key(cell.data)])
        for doubt in _doubts(infos):
            notice(doubt)
        for reason in dict.fromkeys(info.reason for info in infos.values() if info.reason):
            notice(f"synthetic data: {reason}; timings hold, accuracies say nothing of real images")
        setting = _setting(request, team, executor, hardware, idle, infos, notice)
        planned = tuple(with_data(executor.plan(cell, setting.hardware), setting.info(cell)) for cell in request.cells)
        planned = checked(request.suite, planned, executor.check)
        yield Prepared(request.root, executor, setting, planned, folders, scratch)


def with_data(planned: Planned, info: DataInfo) -> Planned:
    """The same, once it is known what it is fed; skipped where that leaves one of its options without a meaning."""
    found = replace(planned, data=info)
    return replace(found, skip=found.skip or unmet(found))


def _first_cells(request: Request) -> dict[str, Cell]:
    """A cell of each data section, by `data_key`; of all of the suite's where none is named yet."""
    return {data_key(cell.data): cell for cell in reversed(request.cells or request.suite.cells())}


def _made_ready(request: Request, cell: Cell, to: Path, executor: Executor) -> DataInfo:
    """The data of `cell`, stored at `to`; of the user's own in a process of its own."""
    suite, wanted = request.suite, _data_request(request, cell, to)
    if not is_import_path(cell.data.name):
        return make_ready(wanted)
    try:
        return executor.load_own(wanted)
    except InputError as error:
        if cell.data.pipeline is None:
            raise
        own = cell.data != suite.data
        file, line = suite.place(*(("models", cell.model.name, "data") if own else ("data", "pipeline")))
        raise InputError(*(replace(fault, file=file, line=line) for fault in error.faults)) from error


def _data_request(request: Request, cell: Cell, to: Path) -> DataRequest:
    folder = Path(request.suite.folder)
    return DataRequest(cell.data, request.data_dir, request.strict_data, folder, to, cell.batch_size)


@dataclass(frozen=True)
class Preview:
    """What `run_suite` would measure: every cell that is asked for, on which host, and then interleaved, if asked
    for."""

    cells: tuple[Planned, ...]
    host: HostProfile
    device: str
    hardware: Hardware
    pairs: tuple[Toggle, ...]
    doubts: tuple[str, ...] = ()
    """What the user should know of the data's labels."""

    def of(self, cells: Collection[Cell], host: HostProfile) -> Preview:
        """What of it is of these `cells`, on a host that is called otherwise."""
        ids = {cell.id for cell in cells}
        networks = {(cell.model.name, cell.batch_size, cell.seed) for cell in cells}  # a network stays on one machine
        pairs = tuple(
            one for one in self.pairs if (one.b.cell.model.name, one.b.cell.batch_size, one.b.cell.seed) in networks
        )
        return replace(self, host=host, cells=tuple(one for one in self.cells if one.cell.id in ids), pairs=pairs)


def preview(request: Request, executor: Executor) -> Preview:
    """What `run_suite` would measure, with nothing run or written.

    Raises what `run_suite` raises for bad input. What a cell would be is judged by what the driver says of the GPU, and
    `resume` is not looked at: what is good depends on the framework's version, which isn't asked for here. TensorFlow
    is asked only where cells are trained, or networks of the user's own: these are built in a process of `executor`,
    without pretrained weights, which would have to be fetched.
    """
    hardware, suite = detect(), request.suite
    host = recognise(request.root, hardware, request.host).profile
    writable(journal_path(request.root, host.id, suite.name, owner(request.root)))
    infos = {key: _looked_at(request, cell, executor) for key, cell in _first_cells(request).items()}

    def info(cell: Cell) -> DataInfo:
        return infos[data_key(cell.data)]

    check_batches(suite, request.cells, info)
    planned = tuple(with_data(plan(cell, hardware), info(cell)) for cell in request.cells)
    if any(map(asks_tensorflow, planned)):
        with executor:
            planned = checked(suite, planned, partial(executor.check, pretrained=False))
    pairs = toggles(suite, planned, hardware) if suite.attribute else ()
    device = hardware.gpu_name or hardware.cpu
    return Preview(planned, host, device, hardware, pairs, _doubts(infos))


def _looked_at(request: Request, cell: Cell, executor: Executor) -> DataInfo:
    """What there is to be said of the data of `cell`, with nothing stored."""
    if cell.data.pipeline is None:
        folder = Path(request.suite.folder)
        return load(cell.data, data_dir=request.data_dir, strict=request.strict_data, folder=folder).info
    with executor, scratch_folder() as scratch:
        return _made_ready(request, cell, scratch / "data", executor)


def _doubts(infos: Mapping[str, DataInfo]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{info.name}: {doubt}" for info in infos.values() for doubt in info.doubts))


def _idle_power(request: Request, executor: Executor) -> Reading[float]:
    if executor.name == "replay":
        return Reading(None, "replayed")
    return idle_watts() if request.idle_power else Reading(None, "not asked for")


def _setting(
    request: Request,
    team: str | None,
    executor: Executor,
    hardware: Hardware,
    idle: Reading[float],
    data: Mapping[str, DataInfo],
    notice: Notice,
) -> RunContext:
    here = this_machine(request.root, executor, request.host, notice, hardware)
    if executor.caveat:
        notice(executor.caveat)
    return RunContext(
        request.suite, here.profile, here.device, here.hardware, here.gpu_unused, data, executor.name, idle, team
    )
