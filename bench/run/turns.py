"""Two cells in two live processes that take turns, so that whatever drifts hits both."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from bench.measure.paired import log_ratio
from bench.measure.watch import OF_OTHERS, CellWatch
from bench.results.pair import Round
from bench.results.record import Window
from bench.run.deaths import death, kernel_kills
from bench.run.forkserver import Child, ForkServer, Work
from bench.run.job import Job, Outcome, Progress, Yielded
from bench.run.logs import bound
from bench.run.worker import PRELOAD, turns_process

__all__ = ["Contest", "Lost", "TurnsPlan"]

_SAMPLE_SECONDS = 0.25
_LOOK_SECONDS = 1.0
"""So often the log of one that says nothing is looked at."""


@dataclass(frozen=True)
class TurnsPlan:
    """How long a round takes: until the ratio of its windows has a standard error of at most `error`. It ends once each
    side has `max_seconds` of windows at the latest, but never before `min_turns` and `min_seconds` a side.

    Within a round the processes alternate window by window, and so does which of them begins a turn.
    """

    error: float = 0.007
    min_turns: int = 3
    min_seconds: float = 0.8
    max_seconds: float = 4.0

    def enough(self, a: Sequence[Window], b: Sequence[Window]) -> bool:
        """Have the sides had turns enough?"""
        seconds = min(sum(window.seconds for window in one) for one in (a, b))
        if len(a) < self.min_turns or seconds < self.min_seconds:
            return False
        return seconds >= self.max_seconds or log_ratio(a, b)[1] <= self.error


class Lost(Exception):  # noqa: N818 - an outcome, not an error
    """The cell of this id ended before its time; `log` is what it said."""

    def __init__(self, cell: str, outcome: Outcome, log: Path | None = None) -> None:
        super().__init__(outcome.message)
        self.cell, self.outcome, self.log = cell, outcome, log


class Contest:
    """The two cells `a` and `b`; each `round` starts a fresh process for both.

    A process whose turn it isn't is stopped (SIGSTOP) with all of its threads: otherwise its pipeline would go on
    filling its buffers, and its next window would find batches that cost nothing. Costs nothing within windows.
    `fork` starts a process, as `bench.run.executors.LocalExecutor` does; variants that set environment variables get a
    server of their own.

        with Contest(a, b, executor.fork) as contest:
            rounds = [contest.round(TurnsPlan()) for _ in range(5)]

    `compile_seconds` are those of each side's first process. Raises `Lost` where a cell fails, `ServerError` where no
    process can be had.
    """

    def __init__(
        self,
        a: Job,
        b: Job,
        fork: Callable[[Work, object], Child],
        heard: Callable[[Job, Progress], None] = lambda _job, _word: None,
    ) -> None:
        self._jobs, self._fork, self._heard = (a, b), fork, heard
        self.compile_seconds: dict[int, float | None] = {}
        self._stack = ExitStack()
        self._servers: dict[tuple[tuple[str, str], ...], ForkServer] = {}

    def __enter__(self) -> Self:
        for job in self._jobs:
            key = _environment(job)
            if key and key not in self._servers:
                self._servers[key] = self._stack.enter_context(ForkServer(PRELOAD, job.options.env))
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def round(self, plan: TurnsPlan, swapped: bool = False) -> Round:
        """One round: both processes started and warmed up, one after the other, then their windows in turns.

        Instruments look on from here, and only between turns, while both processes are stopped.

        `swapped`: b's process is started, and has its first turn, before a's.
        """
        windows: tuple[list[Window], list[Window]] = ([], [])
        order = (1, 0) if swapped else (0, 1)
        with ExitStack() as stack:
            # CUDA_VISIBLE_DEVICES says which GPU to watch
            watch = stack.enter_context(CellWatch({**os.environ, **self._jobs[0].options.env}))
            live = {side: stack.enter_context(self._started(self._jobs[side])) for side in order}
            watch.started(live[0].pid, live[1].pid)
            watch.begin()
            looked = time.monotonic()
            while not plan.enough(*windows):
                for side in order:
                    windows[side].append(live[side].turn())
                    if time.monotonic() - looked >= _SAMPLE_SECONDS:
                        watch.sample()
                        looked = time.monotonic()
                order = (order[1], order[0])
            watch.end()
            if not self.compile_seconds:
                self.compile_seconds = {side: live[side].finish().values.get("compile_seconds") for side in (0, 1)}
        seen, _ = watch.summary()
        return Round(a=tuple(windows[0]), b=tuple(windows[1]), values={name: seen.get(name) for name in OF_OTHERS})

    @contextmanager
    def _started(self, job: Job) -> Iterator[_Live]:
        fork = self._servers[_environment(job)].fork if job.options.env else self._fork
        with tempfile.TemporaryDirectory(dir=job.scratch) as scratch:
            own = replace(job, scratch=Path(scratch), asked=time.perf_counter())
            child = fork(turns_process, own)
            try:
                live = _Live(child, own, self._heard)
                live.warm_up()
                yield live
            finally:
                child.end()


def _environment(job: Job) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(job.options.env.items()))


class _Live:
    """A cell's process that is either having its turn or stopped."""

    def __init__(self, child: Child, job: Job, heard: Callable[[Job, Progress], None]) -> None:
        self._child, self._job, self._heard = child, job, heard
        self._stage, self._kills = "start", kernel_kills()

    @property
    def pid(self) -> int:
        return self._child.pid

    def warm_up(self) -> None:
        self._answer()
        self._signal(signal.SIGSTOP)

    def turn(self) -> Window:
        """One window."""
        self._resume(another=True)
        window = self._answer().window
        self._signal(signal.SIGSTOP)
        assert window is not None
        return Window(*window)

    def finish(self) -> Outcome:
        """Let it end in order, for what it has to say beside its windows."""
        self._resume(another=False)
        word = self._hear()
        assert isinstance(word, Outcome)
        return word

    # one that was killed while it was stopped, for want of memory say, is heard of by what it doesn't answer

    def _resume(self, another: bool) -> None:
        self._signal(signal.SIGCONT)
        with suppress(BrokenPipeError):
            self._child.connection.send(another)

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._child.pid, number)

    def _answer(self) -> Yielded:
        word = self._hear()
        if isinstance(word, Outcome):
            raise Lost(self._job.cell.id, word, self._job.log)
        return word

    def _hear(self) -> Yielded | Outcome:
        limit = self._job.cell.protocol.timeout_seconds
        deadline = time.monotonic() + limit
        while True:
            try:
                word = self._child.hear(min(_LOOK_SECONDS, max(0.0, deadline - time.monotonic())))
            except TimeoutError:
                word = None
            except EOFError:
                return death(self._stage, self._child, self._kills)
            bound(self._job.log)
            if isinstance(word, Yielded | Outcome):
                return word
            if word is not None:
                deadline, self._stage = time.monotonic() + limit, word.stage
                self._heard(self._job, word)
            elif time.monotonic() >= deadline:
                why = f"no sign of life for {limit:g} s (protocol.timeout_seconds)"
                return Outcome("timed_out", self._stage, why)
