"""AI Benchmark in a process of its own, test by test into a journal, from which an interrupted run goes on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Protocol

from bench.errors import Fault, InputError
from bench.measure.load import LoadWatch
from bench.results.ai_benchmark import AiLine, AiResult, AiScores, AiTest, TestSet, ai_benchmark_path
from bench.results.journal import Journal
from bench.results.writable import writable
from bench.run.executors import death, kernel_kills
from bench.run.forkserver import ForkServer, ServerError
from bench.run.machine import Machine
from bench.run.worker import ai_benchmark_process, ai_tests_process

__all__ = ["AiObserver", "AiRun", "ai_benchmark"]

PATIENCE_SECONDS = 1_800.0
"""A test ends after 100 s by the package's own rule, but never within a pass: and the first one compiles."""

_SERVER = ("bench.workload.ai_benchmark",)
_ENVIRONMENT = {"TF_USE_LEGACY_KERAS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
_PACKAGES = ("ai-benchmark", "tensorflow", "tf-keras", "numpy")


class AiObserver(Protocol):
    """Who is told how it goes; seconds that are left are None while nothing is known of them."""

    def notice(self, text: str) -> None: ...
    def ai_begins(self, tests: int, left: int, seconds: float | None) -> None: ...
    def ai_test_begins(self, test: AiTest, left: float | None) -> None: ...
    def ai_test_ends(self, result: AiResult, left: float | None) -> None: ...


@dataclass(frozen=True)
class AiRun:
    """A run that came to its end: every test's result, and the scores, None where a test has no time."""

    set: TestSet
    started: str
    results: tuple[AiResult, ...]
    scores: AiScores | None
    software: dict[str, str]
    values: dict[str, float | None] = field(default_factory=dict)

    @property
    def failed(self) -> tuple[AiResult, ...]:
        """The tests that gave no time."""
        return tuple(result for result in self.results if result.failed)


def ai_benchmark(root: Path, here: Machine, which: TestSet, resume: bool, observer: AiObserver) -> AiRun:
    """Run one of AI Benchmark's sets on this machine and keep each test as it ends.

    With `resume` the newest run of that set on the same device and software goes on: networks whose tests all have a
    time are not run again. A test that raises, or whose process dies or falls silent, is kept as failed, and the
    others run. Raises InputError where the package can't be used, `JournalError` where a result can't be kept;
    KeyboardInterrupt passes through, and all that had ended by then is kept.
    """
    with ForkServer(list(_SERVER), _ENVIRONMENT) as server:
        tests = _tests(server, which)
        run = _Run(root, here, which, tests, observer, resume)
        while True:
            scores = run.go_on(server)
            if not run.left:
                return run.ended(scores)


def _tests(server: ForkServer, which: TestSet) -> tuple[AiTest, ...]:
    try:
        child = server.fork(ai_tests_process, which)
        try:
            tests: tuple[AiTest, ...] = child.connection.recv()
        finally:
            child.end()
    except (ServerError, EOFError) as error:
        what = f"AI Benchmark can't be used here: {error}"
        raise InputError(Fault(what, "try: pip install ai-benchmark==0.1.2 tf-keras")) from error
    return tests


class _Run:
    """One run: what is left of it, and where it is kept."""

    def __init__(
        self, root: Path, here: Machine, which: TestSet, tests: Sequence[AiTest], observer: AiObserver, resume: bool
    ) -> None:
        self._set: TestSet = which
        self._tests, self._observer = tests, observer
        self._profile, self._device = here.profile, {"kind": here.device.kind, "name": here.device.name}
        self._software = {name: version(name) for name in _PACKAGES}
        self._journal = Journal(ai_benchmark_path(root, here.profile.id), AiLine)
        writable(self._journal.path, AiLine)
        self._log = self._journal.path.parent / "ai-benchmark.log"
        self._started = _now()
        self._found: dict[AiTest, AiResult] = {}
        lines = self._journal.read().records
        self._took = _durations(lines)
        if resume:
            self._take_up(lines)
        self._values: dict[str, float | None] = {}
        left = self.left
        observer.ai_begins(len(tests), len(left), self._seconds(left))

    @property
    def left(self) -> list[AiTest]:
        """The tests that have neither a time nor a failure yet."""
        return [test for test in self._tests if test not in self._found]

    def go_on(self, server: ForkServer) -> AiScores | None:
        """Run what is left, in one process, until it ends or dies; the scores where there are any."""
        left = self.left
        kills = kernel_kills()
        child = server.fork(ai_benchmark_process, (self._log, self._set, left, tuple(self._found.values())))
        watch = LoadWatch(child.pid)
        watch.begin()
        try:
            while True:
                if left:
                    self._observer.ai_test_begins(left[0], self._seconds(left))
                answer = _answer(child.connection)
                if not isinstance(answer, AiResult):
                    watch.end()
                    self._values = watch.summary()[0]
                    return answer
                self._keep(answer)
                left.pop(0)
        except (EOFError, ConnectionResetError):
            self._lost(left, death("", child.wait(), kernel_kills() - kills).message or "its process died")
        except TimeoutError as error:
            self._lost(left, str(error))
        finally:
            child.end()
        return None

    def ended(self, scores: AiScores | None) -> AiRun:
        """The whole run, its scores kept last."""
        results = tuple(self._found[test] for test in self._tests)
        if scores is not None:
            self._append(scores=scores, values=self._values)
            self._log.unlink(missing_ok=True)
        return AiRun(self._set, self._started, results, scores, self._software, self._values)

    def _lost(self, left: list[AiTest], why: str) -> None:
        if not left:  # it died with nothing but the scores to do
            raise InputError(Fault(f"AI Benchmark's scores can't be had: {why}", f"see {self._log}"))
        self._keep(AiResult(test=left[0], failed=why))

    def _keep(self, result: AiResult) -> None:
        self._found[result.test] = result
        self._append(result=result)
        self._observer.ai_test_ends(result, self._seconds(self.left))

    def _append(self, **what: Any) -> None:
        line = AiLine(
            run=self._started,
            ended=_now(),
            set=self._set,
            host=self._profile.id,
            version=self._software["ai-benchmark"],
            software=self._software,
            device=self._device,
            **what,
        )
        for said in self._journal.append(line):
            self._observer.notice(said)

    def _take_up(self, lines: Sequence[AiLine]) -> None:
        """Go on with the newest run of this set, if it was of this device and software."""
        ours = [line for line in lines if line.set == self._set]
        if not ours:
            self._observer.notice("nothing to resume: this set was not run here before")
            return
        last = ours[-1]
        if (last.software, last.device) != (self._software, self._device):
            self._observer.notice(f"the run of {last.run} was of other software or another device: it begins anew")
            return
        self._started = last.run
        results = [line.result for line in ours if line.run == last.run and line.result is not None]
        timed = {result.test: result for result in results if result.mean_ms is not None}
        whole = {
            network
            for network in {test.network for test in self._tests}
            if all(test in timed for test in self._tests if test.network == network)
        }
        # a network's tests share a session, in which its inference comes before its training
        self._found = {test: timed[test] for test in self._tests if test.network in whole}

    def _seconds(self, left: Sequence[AiTest]) -> float | None:
        """How long the tests left will take: as long as they took before, or as the others here did on average."""
        took = {**self._took, **{test: one.seconds for test, one in self._found.items() if one.seconds}}
        if not took:
            return None
        mean = math.fsum(took.values()) / len(took)
        return math.fsum(took.get(test, mean) for test in left)


def _durations(lines: Sequence[AiLine]) -> dict[AiTest, float]:
    return {line.result.test: line.result.seconds for line in lines if line.result and line.result.mean_ms}


def _answer(connection: Connection) -> AiResult | AiScores | None:
    if not connection.poll(PATIENCE_SECONDS):
        raise TimeoutError(f"no sign of life for {PATIENCE_SECONDS:g} s")
    answer: AiResult | AiScores | None = connection.recv()
    return answer


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
