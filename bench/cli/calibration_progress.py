"""How a calibration shows itself, on standard error: a line for all that ends, and in a terminal what is at work."""

from __future__ import annotations

import sys
import time
from typing import Self

from rich.console import Console
from rich.status import Status

from bench.host.measured import DataType, Peak
from bench.results.ai_benchmark import AiResult, AiTest
from bench.run.estimate import clock_time
from bench.run.roofs import is_noisy

__all__ = ["CalibrationDisplay"]


class CalibrationDisplay:
    """See `bench.run.calibrate.CalibrationObserver`. `done` says what was kept until now."""

    def __init__(self) -> None:
        self.console = Console(file=sys.stderr, highlight=False, soft_wrap=True)
        self._status = Status("", console=self.console, refresh_per_second=2)
        self._peaks: list[str] = []
        self._tests = self._ended = 0
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        if self.console.is_terminal:
            self._status.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._status.stop()

    @property
    def done(self) -> str:
        """In words, what a Ctrl-C doesn't lose."""
        tests = [f"{self._ended} of AI Benchmark's {self._tests} tests"] if self._tests else []
        return ", ".join(self._peaks + tests)

    def notice(self, text: str) -> None:
        """Something that the user should know."""
        self.console.print(f"note: {text}", style="yellow", markup=False)

    def begins(self, what: str) -> None:
        """A roof begins."""
        self._doing(what)
        self.console.print(f"{what} …", markup=False)

    def tried(self, name: str, flops_per_second: float) -> None:
        """A chain of products was measured."""
        self.console.print(f"  {name}: {flops_per_second / 1e9:,.0f} GFLOP/s", markup=False)

    def kept(self, data_type: DataType, peak: Peak) -> None:
        """A peak stands in the profile."""
        self._peaks.append(data_type)
        if is_noisy(peak):
            self.notice(
                f"{data_type} varied a lot: something else was running, and the true peak is higher; calibrate again "
                "when the machine is quiet"
            )

    def ai_begins(self, tests: int, left: int, seconds: float | None) -> None:
        """AI Benchmark begins, or goes on."""
        self._tests, self._ended = tests, tests - left
        resumed = f", {tests - left} more are there already" if left < tests else ""
        about = f", about {clock_time(seconds)}" if seconds else ""
        self.console.print(f"AI Benchmark: {left} tests{resumed}{about}", markup=False)

    def ai_test_begins(self, test: AiTest, left: float | None) -> None:
        """A test begins."""
        self._doing(test.label + _left(left))

    def ai_test_ends(self, result: AiResult, left: float | None) -> None:
        """A test has ended: one line stays."""
        self._ended += 1
        gave = f"failed: {result.failed}"
        if result.mean_ms is not None and result.sd_ms is not None:
            gave = f"{result.mean_ms:,.1f} ± {result.sd_ms:.1f} ms"
        counted = f"{self._ended:>{len(str(self._tests))}}/{self._tests}"
        style = "red" if result.failed else None
        self.console.print(f"{counted}  {result.test.label}  {gave}{_left(left)}", style=style, markup=False)

    def _doing(self, what: str) -> None:
        self._status.update(what)


def _left(seconds: float | None) -> str:
    return f", about {clock_time(seconds)} left" if seconds else ""
