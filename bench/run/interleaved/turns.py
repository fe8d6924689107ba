"""Cells in live processes that take turns, so that whatever drifts hits all of them."""

from __future__ import annotations

import itertools
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from bench.instruments.log_ratio import log_ratio
from bench.instruments.watch import OF_OTHERS, CellWatch
from bench.results.pair import Round
from bench.results.record import Window
from bench.run.interleaved.turn_process import CellLost, TurnProcess
from bench.run.job import Job, Outcome, Progress
from bench.run.process.forkserver import Child, ForkServer, ServerError, Work
from bench.run.process.worker import PRELOAD, turns_process

__all__ = ["Group", "Interleaving", "Servers", "TurnsPlan"]

Fork = Callable[[Work, object], Child]
Heard = Callable[[Job, Progress], None]


class Servers:
    """Who starts a cell's process: `fork`, as `bench.run.process.executors.LocalExecutor` does, and for variants that
    set environment variables a server of their own for each set of them, which lasts as long as this block."""

    def __init__(self, fork: Fork) -> None:
        self._fork = fork
        self._stack = ExitStack()
        self._own: dict[tuple[tuple[str, str], ...], ForkServer] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def fork(self, job: Job) -> Child:
        """A process for `job`. Raises ServerError."""
        key = tuple(sorted(job.options.env.items()))
        if not key:
            return self._fork(turns_process, job)
        if key not in self._own:
            self._own[key] = self._stack.enter_context(ForkServer(PRELOAD, job.options.env))
        try:
            return self._own[key].fork(turns_process, job)
        except ServerError:
            del self._own[key]  # it died with an earlier process; the next one gets another
            raise


class Group:
    """One round of some cells: a fresh process for each of `jobs`, all alive at once, that take turns.

        with Group(jobs, servers, heard, order) as group:
            group.start(at_once=2)
            for order in orders:
                group.cycle(order)
            outcome = group.finish(place)

    Places are those of `jobs`; processes are started in the `order` of theirs. What fails costs itself alone: `lost`
    says how, by place, `live` are those that are left, and `ended` those that have ended, well or not.
    """

    def __init__(self, jobs: Sequence[Job], servers: Servers, heard: Heard, order: Sequence[int]) -> None:
        self.order = tuple(order)
        self.live: dict[int, TurnProcess] = {}
        self.ended: dict[int, TurnProcess] = {}
        self.lost: dict[int, CellLost] = {}
        self._jobs, self._servers, self._heard = jobs, servers, heard
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def start(self, at_once: int = 1, room: Callable[[], bool] = lambda: True) -> None:
        """Start the processes and warm them up. So many trace their first step side by side, unless XLA compiles it,
        which takes all processors; each warms up alone. Where there is no `room` for more, the rest isn't started."""
        waiting = list(self.order)
        while waiting and (len(waiting) == len(self.order) or room()):
            batch = self._batch(waiting, at_once)
            del waiting[: len(batch)]
            for place in batch:
                self._start(place, beside=len(batch) > 1)
            for place in batch:
                self._each(place, TurnProcess.traced)
        pids = [one.pid for one in self.live.values()]
        for place in [place for place in self.order if place in self.live]:
            live = self.live[place]
            live.watch.started(live.pid, *(pid for pid in pids if pid != live.pid))
            self._each(place, TurnProcess.warm_up)

    def _batch(self, waiting: Sequence[int], at_once: int) -> Sequence[int]:
        """The next to trace their first step side by side."""
        beside = itertools.takewhile(lambda place: not self._jobs[place].options.xla, waiting[:at_once])
        return [*beside] or waiting[:1]

    def cycle(self, order: Sequence[int]) -> None:
        """A turn for each that is left, in the `order` of their places."""
        for place in order:
            self._each(place, TurnProcess.turn)

    def finish(self, place: int) -> Outcome:
        """Let the one at `place` end in order, and give what it has to say."""
        self.ended[place] = live = self.live.pop(place)
        said = live.finish()
        live.end()
        return said

    @property
    def seen(self) -> dict[str, float | None]:
        """What was seen of others, by metric name, the worst of all cells' turns."""
        found = [live.watch.summary()[0] for live in (*self.live.values(), *self.ended.values())]
        return {
            name: max((value for one in found if (value := one.get(name)) is not None), default=None)
            for name in OF_OTHERS
        }

    def _start(self, place: int, beside: bool) -> None:
        job = self._jobs[place]
        scratch = self._stack.enter_context(tempfile.TemporaryDirectory(dir=job.scratch))
        # CUDA_VISIBLE_DEVICES says which GPU to watch; opened first: what is on the card by now is not the cell
        watch = self._stack.enter_context(CellWatch({**os.environ, **job.options.env}, devices=job.gpus))
        own = replace(job, scratch=Path(scratch), asked=time.perf_counter(), beside=beside)
        try:
            child = self._servers.fork(own)
        except ServerError as error:
            self.lost[place] = CellLost(job.cell.id, Outcome("crashed", "start", f"no process could be had: {error}"))
            return
        self._stack.callback(child.end)
        self.live[place] = TurnProcess(child, own, watch, self._heard)

    def _each(self, place: int, do: Callable[[TurnProcess], object]) -> None:
        live = self.live.get(place)
        if live is None:
            return
        try:
            do(live)
        except CellLost as lost:
            self.lost[place] = lost
            self.ended[place] = self.live.pop(place)
            live.end()


@dataclass(frozen=True)
class TurnsPlan:
    """How long a round of two takes: until the ratio of its windows has a standard error of at most `error`. It ends
    once each side has `max_seconds` of windows at the latest, but never before `min_turns` and `min_seconds` a side.

    Within a round the processes alternate turn by turn, and so does which of them begins.
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


class Interleaving:
    """The two cells `a` and `b`; each `round` starts a fresh process for both.

        with Interleaving(a, b, executor.fork) as contest:
            rounds = [contest.round(TurnsPlan()) for _ in range(5)]

    `compile_seconds` are those of each side's first process. Raises `CellLost` where a cell fails.
    """

    def __init__(self, a: Job, b: Job, fork: Fork, heard: Heard = lambda _job, _word: None) -> None:
        self._jobs, self._heard = (replace(a, whole=False), replace(b, whole=False)), heard
        self.compile_seconds: dict[int, float | None] = {}
        self._servers = Servers(fork)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._servers.__exit__()

    def round(self, plan: TurnsPlan, swapped: bool = False) -> Round:
        """One round: both processes started and warmed up, one after the other, then their windows in turns.

        `swapped`: b's process is started, and has its first turn, before a's.
        """
        windows: tuple[list[Window], list[Window]] = ([], [])
        order = [1, 0] if swapped else [0, 1]
        with Group(self._jobs, self._servers, self._heard, order) as group:
            group.start(room=lambda: not group.lost)
            _look(group)
            while not plan.enough(*windows):
                group.cycle(order)
                _look(group)
                for side in (0, 1):
                    windows[side].append(_of_turn(group.live[side]))
                order.reverse()
            seen = group.seen
            if not self.compile_seconds:
                self.compile_seconds = {side: group.finish(side).values.get("compile_seconds") for side in (0, 1)}
        return Round(a=tuple(windows[0]), b=tuple(windows[1]), values=seen)


def _look(group: Group) -> None:
    for lost in group.lost.values():
        raise lost


def _of_turn(live: TurnProcess) -> Window:
    """The windows of its last turn as one."""
    last = live.windows[-live.length :]
    return Window(sum(window.steps for window in last), sum(window.seconds for window in last))
