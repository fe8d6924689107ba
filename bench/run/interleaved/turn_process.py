"""A cell's process that lives beside others: it has its turn, or it is stopped."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from bench.instruments.watch import CellWatch
from bench.results.record import Window
from bench.run.job import Job, Outcome, Progress, Yielded
from bench.run.process.exit_status import death, kernel_kills
from bench.run.process.forkserver import Child
from bench.run.process.logs import bound

__all__ = ["CellLost", "TurnProcess"]

_LOOK_SECONDS = 0.25
"""So often, in a longer turn, the instruments look; and the log of one that says nothing is looked at."""


class CellLost(Exception):  # noqa: N818 - an outcome, not an error
    """The cell of this id ended before its time; `log` is what it said."""

    def __init__(self, cell: str, outcome: Outcome, log: Path | None = None) -> None:
        super().__init__(outcome.message)
        self.cell, self.outcome, self.log = cell, outcome, log


class TurnProcess:
    """The process `child` of `job`; `watch` looks at it during its turns alone.

    A process whose turn it isn't is stopped (SIGSTOP) with all of its threads: otherwise its pipeline would go on
    filling its buffers, and its next window would find batches that cost nothing. That costs nothing within windows.
    Every method raises `CellLost` where the process ended, or gave no sign of life for too long.

    `seconds` is what it took so far, without the turns of others; `disturbances` says by cycle what others did.
    """

    def __init__(self, child: Child, job: Job, watch: CellWatch, heard: Callable[[Job, Progress], None]) -> None:
        self.job, self.watch = job, watch
        self.windows: list[Window] = []
        self.length = 1
        self.cycles = 0
        self.seconds = 0.0
        self.disturbances: dict[int, str] = {}
        self._child, self._heard = child, heard
        self._stage, self._kills = "start", kernel_kills()
        self._since = time.monotonic()
        self._finishing = False

    @property
    def pid(self) -> int:
        return self._child.pid

    def traced(self) -> None:
        """Wait until its first step is over."""
        self._answer()
        self._stop()

    def warm_up(self) -> None:
        """Let it warm up."""
        self._resume(another=True)
        self._answer()
        self._stop()

    def turn(self) -> tuple[Window, ...]:
        """The windows of one turn."""
        (self.watch.resume if self.cycles else self.watch.begin)()
        self._resume(another=True)
        windows = tuple(Window(*window) for window in self._answer().windows)
        self._stop()
        self.watch.end()
        if why := self.watch.disturbance():
            self.disturbances[self.cycles] = why
        self.cycles += 1
        self.length = len(windows)
        self.windows += windows
        return windows

    def turn_seconds(self, cycle: int) -> float:
        """The windows of the turn in that cycle together."""
        return sum(one.seconds for one in self._of_turn(cycle))

    def step_seconds(self, cycle: int) -> float:
        """Of the turn in that cycle."""
        return self.turn_seconds(cycle) / sum(one.steps for one in self._of_turn(cycle))

    def _of_turn(self, cycle: int) -> list[Window]:
        return self.windows[cycle * self.length : (cycle + 1) * self.length]

    def begin_to_finish(self) -> None:
        """Have it end in order from now on, while others do."""
        if not self._finishing:
            self._finishing = True
            self._resume(another=False)

    def finish(self) -> Outcome:
        """Let it end in order, for what it has to say beside its windows."""
        self.begin_to_finish()
        word = self._hear()
        self.seconds += time.monotonic() - self._since
        assert isinstance(word, Outcome)
        return word

    def end(self) -> None:
        """End it, with all that it started."""
        self._child.end()

    # one that was killed while it was stopped, for want of memory say, is heard of by what it doesn't answer

    def _resume(self, another: bool) -> None:
        self._since = time.monotonic()
        self._signal(signal.SIGCONT)
        with suppress(BrokenPipeError):
            self._child.connection.send(another)

    def _stop(self) -> None:
        self._signal(signal.SIGSTOP)
        self.seconds += time.monotonic() - self._since

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._child.pid, number)

    def _answer(self) -> Yielded:
        word = self._hear()
        if isinstance(word, Outcome):
            self.seconds += time.monotonic() - self._since
            raise CellLost(self.job.cell.id, word, self.job.log)
        return word

    def _hear(self) -> Yielded | Outcome:
        limit = self.job.cell.protocol.timeout_seconds
        deadline = time.monotonic() + limit
        while True:
            try:
                word = self._child.hear(min(_LOOK_SECONDS, max(0.0, deadline - time.monotonic())))
            except TimeoutError:
                word = None
            except EOFError:
                return death(self._stage, self._child, self._kills)
            if isinstance(word, Yielded | Outcome):
                return word
            if word is not None:
                deadline, self._stage = time.monotonic() + limit, word.stage
                self._heard(self.job, word)
            elif time.monotonic() >= deadline:
                why = f"no sign of life for {limit:g} s (protocol.timeout_seconds)"
                return Outcome("timed_out", self._stage, why)
            else:
                bound(self.job.log)
                self.watch.sample()
