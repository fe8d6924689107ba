"""AI Benchmark in a process of its own, test by test, from which an interrupted run goes on."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

from bench.errors import Fault, InputError
from bench.host.doctor.distributions import everything, first_of_each
from bench.host.doctor.extras import score_command
from bench.host.doctor.installer import this_installer
from bench.instruments.load import LoadWatch
from bench.results.ai_benchmark import AiResult, AiScores, AiTest, TestSet
from bench.run.calibration.ai_journal import KeptRun
from bench.run.machine import Machine
from bench.run.process.executors import POLL_SECONDS
from bench.run.process.exit_status import kernel_kills, lost
from bench.run.process.forkserver import Child, ForkServer, ServerError
from bench.run.process.logs import bound
from bench.run.process.worker import ai_benchmark_process, ai_tests_process

__all__ = ["AiObserver", "AiRun", "ai_benchmark"]

PATIENCE_SECONDS = 1_800.0
"""A test ends after 100 s by the package's own rule, but never within a pass: and the first one compiles."""

_PRELOAD = ["bench.workload.ai_benchmark"]
_NOT_OF_TIMES = "keras"  # legacy Keras stands in for it


class AiObserver(Protocol):
    """Who is told how it goes; seconds that are left are None while nothing is known of them."""

    def notice(self, text: str) -> None: ...
    def ai_begins(self, which: TestSet, tests: int, left: int, seconds: float | None) -> None: ...
    def ai_test_begins(self, test: AiTest, left: float | None) -> None: ...
    def ai_test_ends(self, result: AiResult, left: float | None) -> None: ...


@dataclass(frozen=True)
class AiRun:
    """A run that came to its end: every test's result, and the scores, None where a test has no time.

    `foreign_cpu_share` is what others took of the processors meanwhile, 0..1, None where that can't be seen.
    """

    set: TestSet
    started: str
    results: tuple[AiResult, ...]
    scores: AiScores | None
    software: dict[str, str]
    foreign_cpu_share: float | None = None


def ai_benchmark(root: Path, here: Machine, which: TestSet, resume: bool, observer: AiObserver) -> AiRun:
    """Run one of AI Benchmark's sets on this machine and keep each test as it ends.

    With `resume` the newest run of that set on the same device and software goes on: networks whose tests all have a
    time are not run again. A test that raises, or whose process dies or falls silent, is kept as failed, and the
    others run. Raises InputError where the package can't be used, `JournalError` where a result can't be kept;
    KeyboardInterrupt passes through, and all that had ended by then is kept.
    """
    run: _Run | None = None
    while run is None or not run.is_over:
        with ForkServer(_PRELOAD, _environment(here.device.kind)) as server:
            if run is None:
                tests = _tests(server, which)
                kept = KeptRun(root, here, which, tests, _software(here), resume, observer.notice)
                log = root / "results" / here.profile.id / "logs" / "ai-benchmark.log"
                run = _Run(kept, here.device.kind, log, observer)
            run.go_on(server)
    return run.ended()


def _environment(kind: str, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What the package's process is given. Of several GPUs it sees the one that cells compute on: its sessions take
    the memory of all that they see."""
    given = {"TF_USE_LEGACY_KERAS": "1", "TF_CPP_MIN_LOG_LEVEL": "2"}
    if kind == "gpu":
        given["CUDA_VISIBLE_DEVICES"] = environ.get("CUDA_VISIBLE_DEVICES", "0").partition(",")[0].strip()
    return given


def _tests(server: ForkServer, which: TestSet) -> tuple[AiTest, ...]:
    answer: tuple[AiTest, ...] | str
    kills = kernel_kills()
    try:
        child = server.fork(ai_tests_process, which)
    except ServerError as error:
        answer = str(error)
    else:
        try:
            answer = child.hear()
        except EOFError:
            answer = lost(child, kills)
        finally:
            child.end()
    if not isinstance(answer, str):
        return answer
    mend = score_command(first_of_each(everything()), this_installer())
    raise InputError(Fault(f"AI Benchmark can't be used here: {answer}", f"try: {mend}"))


def _software(here: Machine) -> dict[str, str]:
    """The versions that times depend on."""
    framework = {name: number for name, number in here.device.software.items() if name != _NOT_OF_TIMES}
    driver = {"nvidia_driver": here.hardware.gpu_driver} if here.hardware.gpu_driver else {}
    return {**{name: version(name) for name in ("ai-benchmark", "tf-keras")}, **framework, **driver}


def _heard(child: Child, log: Path) -> Any:
    """Its next word, its log kept within bounds meanwhile. Raises what `Child.hear` raises."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return child.hear(POLL_SECONDS)
        except TimeoutError:
            bound(log)
            if time.monotonic() >= deadline:
                raise TimeoutError(f"no sign of life for {PATIENCE_SECONDS:g} s") from None


class _Run:
    """A run that may take several processes: one for all tests, and another each time that one is lost."""

    def __init__(self, kept: KeptRun, kind: str, log: Path, observer: AiObserver) -> None:
        self._kept, self._kind, self._log, self._observer = kept, kind, log, observer
        self._scores: AiScores | None = None
        self._scores_lost = False
        log.unlink(missing_ok=True)
        observer.ai_begins(kept.set, len(kept.tests), len(kept.left), kept.seconds(kept.left))

    @property
    def is_over(self) -> bool:
        """Does every test have a time, and the run its scores, or has one of them failed?"""
        return not self._kept.left and (self._scores is not None or any(one.failed for one in self._kept.results))

    def go_on(self, server: ForkServer) -> None:
        """Run what is left in one process, until it ends or dies, and take the scores where there are any."""
        left = self._kept.left
        kills = kernel_kills()
        given = (self._log, self._kept.set, left, self._kept.results, self._kind)
        try:
            child = server.fork(ai_benchmark_process, given)
        except ServerError as error:
            self._lost(left, f"no process could be had: {error}")
            return
        try:
            self._follow(child, left)
        except EOFError:
            self._lost(left, lost(child, kills))
        except TimeoutError as error:
            self._lost(left, str(error))
        finally:
            child.end()

    def _follow(self, child: Child, left: list[AiTest]) -> None:
        """Keep each test as it ends, and take it from `left`."""
        while True:
            watch = LoadWatch(child.pid)
            watch.begin()
            if left:
                self._observer.ai_test_begins(left[0], self._kept.seconds(left))
            answer: AiResult | AiScores | str | None = _heard(child, self._log)
            watch.end()
            if isinstance(answer, str):
                raise InputError(Fault(f"AI Benchmark can't be run here: {answer}", f"see {self._log}"))
            if not isinstance(answer, AiResult):
                self._scores = answer
                return
            left.pop(0)
            self._keep(answer, watch.summary()[0])

    def ended(self) -> AiRun:
        """The whole run, its scores kept last."""
        kept, scores = self._kept, self._scores
        if scores is not None:
            kept.keep_scores(scores)
            self._log.unlink(missing_ok=True)
        elif self._log.exists():
            self._observer.notice(f"what was said where tests failed: {self._log}")
        return AiRun(kept.set, kept.started, kept.results, scores, kept.software, kept.foreign_cpu_share)

    def _lost(self, left: list[AiTest], why: str) -> None:
        """Its process is gone, or to be given up: the test that it was at has failed."""
        if left:
            self._keep(AiResult(test=left[0], failed=why), {})
        elif self._scores_lost:
            raise InputError(Fault(f"AI Benchmark's scores can't be had: {why}", f"see {self._log}"))
        else:
            self._scores_lost = True  # which were all that was left to do: once more

    def _keep(self, result: AiResult, values: Mapping[str, float | None]) -> None:
        self._kept.keep(result, values)
        self._observer.ai_test_ends(result, self._kept.seconds(self._kept.left))
