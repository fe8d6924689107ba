"""What a cell's process does. Names TensorFlow only within functions: the parent imports this too."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from bench.errors import Fault, InputError
from bench.results.ai_benchmark import AiResult, AiTest, TestSet
from bench.results.record import DataInfo
from bench.run.job import DataRequest, Job, Outcome, Progress, Yielded
from bench.suite.options import Options
from bench.suite.spec import ModelSpec
from bench.support.exception_text import exception_summary, exception_text
from bench.support.files import open_regular
from bench.workload.roofs.plan import Task
from bench.workload.sizes import Subject

__all__ = [
    "PRELOAD",
    "Judging",
    "ai_benchmark_process",
    "ai_tests_process",
    "check_process",
    "confined_store_process",
    "evaluate_process",
    "make_ready",
    "probe_process",
    "roof_process",
    "run_process",
    "store_process",
    "turns_process",
]

PRELOAD = ["bench.run.cell.measure"]
"""What the fork server imports, so that cells find TensorFlow loaded. No operation runs and no device is touched."""


def run_process(connection: Connection, job: Job) -> None:
    """Measure `job`, sending every `Progress` and, last, the `Outcome`."""
    _settle(job)
    from bench.run.cell.measure import measure_cell

    def say(progress: Progress) -> None:
        connection.send(progress)

    _send_last(connection, measure_cell(job, say))


def turns_process(connection: Connection, job: Job) -> None:
    """Take the first step of `job`, warm it up, then measure a turn's windows, each once the parent says so; see
    `bench.run.interleaved.turns`."""
    _settle(job)
    from bench.run.cell.measure import measure_cell

    def say(progress: Progress) -> None:
        connection.send(progress)

    def turn(windows: tuple[tuple[int, float], ...]) -> bool:
        connection.send(Yielded(windows))
        return bool(connection.recv())

    _send_last(connection, measure_cell(job, say, turn))


def probe_process(connection: Connection, _: None) -> None:
    """Send what TensorFlow computes on: a `bench.host.device.Device`."""
    from bench.workload.runtime import device

    connection.send(device())


def check_process(connection: Connection, wanted: tuple[Sequence[Subject], bool]) -> None:
    """Build the networks of `(subjects, pretrained)`, whose options' `env` is one and the same: send each
    `(place, answer)` of `bench.workload.check.check`, and None last."""
    for subject in wanted[0][:1]:
        os.environ.update(subject.options.env)
    sys.dont_write_bytecode = True  # nothing is run yet, and so nothing is left beside the user's code
    from bench.workload.check import check
    from bench.workload.runtime import hide_gpus

    hide_gpus()  # nothing is computed, and the card may be in use
    subjects, pretrained = wanted
    for word in check(subjects, pretrained=pretrained):
        connection.send(word)
    connection.send(None)


@dataclass(frozen=True)
class Judging:
    """Training, to be judged: its file of weights, the folder of the stored data set, its network and options,
    and the folder that code of the user's own comes from (None: nothing of it is run). `scratch` is a folder for files
    that last as long as the verb."""

    weights: Path
    data: Path
    model: ModelSpec
    options: Options
    folder: Path | None
    scratch: Path


def evaluate_process(connection: Connection, wanted: Judging) -> None:
    """Judge what was trained; send loss and accuracy, or faults."""
    from bench.suite.user_code import confine
    from bench.workload import runtime
    from bench.workload.data import open_stored
    from bench.workload.saved_model import judge, rebuild

    confine(wanted.folder)
    runtime.grow_memory()
    runtime.lift_limits()
    data = open_stored(wanted.data)
    try:
        model = rebuild(wanted.model, data.info, wanted.options)
        connection.send(judge(model, wanted.weights, data.test, wanted.options, wanted.scratch))
    except InputError as error:
        connection.send(error.faults)
    except Exception as error:  # sizes that no memory holds
        connection.send((Fault(f"{wanted.weights.name} can't be judged: {exception_text(error)}"),))


def roof_process(connection: Connection, task: Task) -> None:
    """Measure roofs: send each `Began`, `Timed` and `Missing` of `bench.workload.roofs.plan`, and None last."""
    from bench.workload.roofs.rounds import rounds

    for word in rounds(task):
        connection.send(word)
    connection.send(None)


def ai_tests_process(connection: Connection, which: TestSet) -> None:
    """Send the tests of one of AI Benchmark's sets, in its order, or why it can't be used."""
    from bench.workload.ai_benchmark import check, planned

    try:
        check()
        connection.send(planned(which))
    except Exception as error:
        connection.send(exception_summary(error) if isinstance(error, ImportError) else exception_text(error))


def ai_benchmark_process(
    connection: Connection, wanted: tuple[Path, TestSet, Sequence[AiTest], Sequence[AiResult], str]
) -> None:
    """Run AI Benchmark's tests, `(log, set, tests, kept, kind of device)`, its words added to the log.

    Sends each `AiResult`, and last the scores, None where a test failed; or why nothing was run.
    """
    from bench.workload.ai_benchmark import check_device, run

    log, which, tests, kept, kind = wanted
    _redirect(log, 0)
    try:
        check_device(kind)
    except RuntimeError as error:
        connection.send(str(error))
        return
    connection.send(run(which, tests, kept, connection.send))


def make_ready(wanted: DataRequest) -> DataInfo:
    """Load a data set and store it, or see what there is to be said of an input pipeline. Raises InputError."""
    if wanted.spec.pipeline is not None:
        from bench.workload.data.stored import store_info
        from bench.workload.own_pipeline import own_data_info

        info = own_data_info(wanted.spec, wanted.batch_size, wanted.folder)
        store_info(info, wanted.to)
        return info
    from bench.workload.data import load, store

    data = load(wanted.spec, data_dir=wanted.data_dir, strict=wanted.strict, folder=wanted.folder)
    store(data, wanted.to)
    return data.info


def store_process(connection: Connection, wanted: DataRequest) -> None:
    """Make data ready in this process, which touches no GPU; send its `DataInfo`, or its faults."""
    if wanted.spec.pipeline is not None:
        from bench.workload.runtime import hide_gpus

        hide_gpus()
    try:
        connection.send(make_ready(wanted))
    except InputError as error:
        connection.send(error.faults)


def confined_store_process(connection: Connection, wanted: tuple[DataRequest, Path | None]) -> None:
    """The same for data that a record names: code comes from the folder given beside alone, and without one there is
    none."""
    from bench.suite.user_code import confine

    request, folder = wanted
    confine(folder)
    try:
        store_process(connection, request)
    except Exception as error:  # sizes that no memory or disk holds
        connection.send((Fault(f"{request.spec.name} can't be loaded: {exception_text(error)}"),))


def _settle(job: Job) -> None:
    """Write to the job's log, and leave no files behind: TensorFlow's AutoGraph makes some, which only an orderly end
    of Python would remove."""
    tempfile.tempdir = os.environ["TMPDIR"] = str(job.scratch)
    if job.log is not None:
        _redirect(job.log)


def _send_last(connection: Connection, outcome: Outcome) -> None:
    """Send it once the log is whole: who hears it may read the log, and end this process, at once."""
    sys.stdout.flush()
    sys.stderr.flush()
    connection.send(outcome)


def _redirect(log: Path, begin: int = os.O_TRUNC) -> None:
    """Add all that is printed to the log, which may be cut meanwhile: see `bench.run.process.logs.bound`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    descriptor = open_regular(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | begin)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)
