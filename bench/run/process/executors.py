"""Where a cell runs: in a process of its own (local), or in this one for debugging (inline).

`bench.run.cluster` has the first of them on the nodes of a Ray cluster, and `bench.testing.ReplayExecutor` replays what
was recorded.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Protocol, Self, TypeVar

from bench.errors import Fault, InputError
from bench.host.detect import Hardware, detect
from bench.host.device import Device
from bench.host.registry import Recognised, recognise
from bench.instruments.load import is_carried
from bench.results.record import DataInfo
from bench.run.job import DataRequest, Job, Outcome, Progress
from bench.run.plan import Planned, plan
from bench.run.process.exit_status import death, kernel_kills, lost
from bench.run.process.forkserver import Child, ForkServer, ServerError, Work
from bench.run.process.logs import bound
from bench.run.process.worker import PRELOAD, check_process, make_ready, probe_process, run_process, store_process
from bench.suite.cells import Cell
from bench.workload.sizes import Complaint, Size, Subject

__all__ = ["Answer", "Executor", "Heard", "InlineExecutor", "LocalExecutor"]

T = TypeVar("T")

POLL_SECONDS = 0.25
"""How often the parent wakes to look at the GPU while a cell runs."""
_CHECK_SECONDS = 600.0
"""One network may take so long to build: pretrained weights are fetched on first use."""
_OWN_CHECK_SECONDS = 120.0
"""Where nothing depends on the answer: see `bench.run.checks`."""


class Heard(Protocol):
    """Who listens while a cell runs, in the parent."""

    def started(self, pid: int) -> None: ...
    def progress(self, word: Progress) -> None: ...
    def tick(self) -> None: ...


Answer = Size | Complaint | None
"""A network's size, what is wrong with it, or nothing where it wasn't looked at."""


class Executor(Protocol):
    """Runs cells, one at a time.

    `name` is what records call it, `caveat` says why its figures don't count (None: they do). `clock` gives the seconds
    that its cells go by, `hardware` what runs them, `plan` what a cell means there, and `host` which machine that is.
    """

    @property
    def name(self) -> Literal["local", "ray", "inline", "replay"]: ...
    @property
    def caveat(self) -> str | None: ...
    def clock(self) -> float: ...
    def hardware(self) -> Hardware: ...
    def plan(self, cell: Cell, hardware: Hardware) -> Planned: ...
    def host(self, root: Path, hardware: Hardware, wanted: str | None) -> Recognised: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...
    def probe(self) -> Device: ...
    def load_own(self, wanted: DataRequest) -> DataInfo: ...
    def check(self, subjects: Sequence[Subject], *, pretrained: bool = True) -> Sequence[Answer]: ...
    def run(self, job: Job, heard: Heard) -> Outcome: ...


class _Here:
    """What executors have in common whose cells run on this machine, now."""

    def clock(self) -> float:
        """Seconds."""
        return time.monotonic()

    def hardware(self) -> Hardware:
        """This machine."""
        return detect()

    def plan(self, cell: Cell, hardware: Hardware) -> Planned:
        """What `cell` means on this machine."""
        return plan(cell, hardware)

    def host(self, root: Path, hardware: Hardware, wanted: str | None) -> Recognised:
        """Which of the hosts known under `root` this machine is."""
        return recognise(root, hardware, wanted)


class LocalExecutor(_Here):
    """A process for each cell, forked from a server that has imported TensorFlow and touched no device.

    A variant that sets environment variables gets a server of its own: TensorFlow reads some as it is imported.
    The parent sleeps on a pipe meanwhile. May be entered several times: the server lasts until the last exit.
    """

    name: Literal["local", "ray"]
    caveat = None

    def __init__(self) -> None:
        self.name = "ray" if is_carried() else "local"
        # TensorFlow's greetings belong into no one's table; its warnings and errors still reach the cell's log
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
        os.environ["KERAS_BACKEND"] = "tensorflow"  # hosted notebooks set others
        # CUDA counts GPUs from the fastest, NVML by their place on the bus: the one watched is to be the one used
        os.environ.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
        self._stack = ExitStack()
        self._entered = 0

    def __enter__(self) -> Self:
        if not self._entered:
            self._start()
        self._entered += 1
        return self

    def _start(self) -> None:
        self._stack.close()
        self._server = self._stack.enter_context(ForkServer(PRELOAD))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._entered -= 1
        if not self._entered:
            self._stack.close()

    def probe(self) -> Device:
        """What TensorFlow computes on, asked in a process of its own. Raises InputError where it doesn't work."""
        device: Device = self._talk("TensorFlow doesn't work here", probe_process, None, Child.hear)
        return device

    def fork(self, work: Work, argument: object) -> Child:
        """Run `work(connection, argument)` in a process of its own, as cells are. Raises ServerError."""
        try:
            return self._server.fork(work, argument)
        except ServerError:
            self._start()  # it died with an earlier process
            return self._server.fork(work, argument)

    def ask(self, what: str, work: Work, argument: object) -> Any:
        """The one answer that `work(connection, argument)` sends from a process of its own.

        Raises InputError with the faults where it sends an InputError's, and where the process dies, `what` says of
        whom.
        """
        answer = self._talk(what, work, argument, Child.hear)
        if isinstance(answer, tuple) and answer and isinstance(answer[0], Fault):
            raise InputError(*answer)
        return answer

    def load_own(self, wanted: DataRequest) -> DataInfo:
        """Make a data set of the user's own ready, in a process of its own: its code may do anything, import TensorFlow
        and take the GPU among it. Raises InputError."""
        info: DataInfo = self.ask(wanted.spec.name, store_process, wanted)
        return info

    def check(self, subjects: Sequence[Subject], *, pretrained: bool = True) -> Sequence[Answer]:
        """Each network's size, or what is wrong with it, from a process of its own.

        Raises InputError where that dies, or takes too long over one of them.
        """
        patience = _OWN_CHECK_SECONDS if all(one.is_own_and_timed for one in subjects) else _CHECK_SECONDS

        def listen(child: Child) -> Sequence[Answer]:
            answers: list[Answer] = [None] * len(subjects)
            while (word := child.hear(patience)) is not None:
                place, answers[place] = word
            return answers

        try:
            return self._talk("the networks can't be built", check_process, (subjects, pretrained), listen)
        except TimeoutError:
            raise InputError(Fault(f"building the networks took over {patience:g} s")) from None

    def _talk(self, what: str, work: Work, argument: object, listen: Callable[[Child], T]) -> T:
        """What `listen` gives, which hears a process: another one where it dies with its server, which is not its
        fault. Raises InputError where it dies by itself, or with every server."""
        for tries_left in (1, 0):
            kills = kernel_kills()
            try:
                child = self.fork(work, argument)
            except ServerError as error:
                raise InputError(
                    Fault(f"TensorFlow doesn't work here: {error}", "`bench doctor` says what mends it")
                ) from error
            try:
                return listen(child)
            except EOFError:
                why = lost(child, kills)
                if not (tries_left and child.orphaned):
                    raise InputError(Fault(f"{what}: {why}")) from None
            finally:
                child.end()
        raise AssertionError("the last try ends the loop")

    def run(self, job: Job, heard: Heard) -> Outcome:
        """Measure `job` in a process of its own; however that ends, an outcome comes back."""
        with ExitStack() as stack:
            fork = self.fork
            if job.options.env:
                fork = stack.enter_context(ForkServer(PRELOAD, job.options.env)).fork
            kills = kernel_kills()
            try:
                child = fork(run_process, job)
            except ServerError as error:
                return Outcome("crashed", "start", f"no process could be had: {error}")
            stack.callback(child.end)
            heard.started(child.pid)
            return _follow(child, job, heard, kills)


def _follow(child: Child, job: Job, heard: Heard, kills: int) -> Outcome:
    stage, kept = "start", None
    limit = job.cell.protocol.timeout_seconds
    deadline, next_tick = time.monotonic() + limit, 0.0
    while True:
        try:
            word = child.hear(min(POLL_SECONDS, max(0.0, deadline - time.monotonic())))
        except TimeoutError:
            word = None
        except EOFError:
            return _saved(kept, death(stage, child, kills))
        if isinstance(word, Outcome):
            return word
        if word is not None:
            stage, kept = word.stage, word.so_far or kept
            deadline = time.monotonic() + limit
            heard.progress(word)
        elif time.monotonic() >= deadline:
            silent = Outcome("timed_out", stage, f"no sign of life for {limit:g} s (protocol.timeout_seconds)")
            return _saved(kept, silent)
        if time.monotonic() >= next_tick:
            heard.tick()
            bound(job.log)
            next_tick = time.monotonic() + POLL_SECONDS


def _saved(kept: Outcome | None, lost: Outcome) -> Outcome:
    """What a cell had sent as good before its process was lost, which then cost it its attribution alone."""
    if kept is None:
        return lost
    return replace(kept, absent=kept.absent | {"attribution": f"{lost.message}, in {lost.stage}"})


class InlineExecutor(_Here):
    """The cell in this very process, output and exceptions untouched: for debuggers. Not for figures that count."""

    name: Literal["inline"] = "inline"
    caveat = "inline: cells share this process, which changes what they measure; not figures that count"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Nothing to do."""

    def probe(self) -> Device:
        """What TensorFlow computes on."""
        os.environ["KERAS_BACKEND"] = "tensorflow"
        from bench.workload.runtime import device

        return device()

    def load_own(self, wanted: DataRequest) -> DataInfo:
        """Make a data set of the user's own ready here."""
        return make_ready(wanted)

    def check(self, subjects: Sequence[Subject], *, pretrained: bool = True) -> Sequence[Answer]:
        """Each network's size, or what is wrong with it; None where that is for a debugger to see, in the cell."""
        from bench.workload.check import check

        places = [place for place, subject in enumerate(subjects) if not subject.is_own_and_timed]
        found = dict(check([subjects[place] for place in places], pretrained=pretrained))
        answers = {place: found[number] for number, place in enumerate(places)}
        return [answers.get(place) for place in range(len(subjects))]

    def run(self, job: Job, heard: Heard) -> Outcome:
        """Measure `job` here and now."""
        from bench.run.cell.measure import measure_cell

        if job.options.env or job.options.threads or job.options.strategy:
            return Outcome(
                "skipped", "start", "inline: TensorFlow's environment, threads and devices are settled already"
            )
        heard.started(os.getpid())
        return measure_cell(replace(job, log=None), heard.progress)
