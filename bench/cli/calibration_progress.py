"""How a calibration shows itself, on standard error: a line for all that ends, and in a terminal what is at work."""

from __future__ import annotations

import sys
import time
from typing import Self

from rich.status import Status
from rich.text import Text

from bench.cli.console import console_of
from bench.host.measured import Peak, Roof
from bench.host.roofs import Name
from bench.report.hosts.roofs_table import roof_text, roof_title
from bench.results.ai_benchmark import AiResult, AiTest, TestSet
from bench.run.estimate import clock_time

__all__ = ["CalibrationDisplay"]

_SETS: dict[TestSet, str] = {
    "full": "",
    "inference": ", inference alone",
    "training": ", training alone",
    "micro": "'s micro set",
}


class CalibrationDisplay:
    """See `bench.run.calibration.calibrate.CalibrationObserver`. `done` says what was kept until now."""

    def __init__(self) -> None:
        self.console = console_of(sys.stderr)
        self._status = Status("starting TensorFlow", console=self.console, refresh_per_second=2)
        self._roofs: list[str] = []
        self._tests = self._ended = 0

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
        return ", ".join(self._roofs + tests)

    def notice(self, text: str) -> None:
        """Something that the user should know."""
        self.console.print(f"note: {text}", style="yellow", markup=False)

    def roofs_begin(self, count: int, seconds: float) -> None:
        """The roofs begin."""
        self.console.print(f"{count} roofs, interleaved, about {clock_time(seconds)}", markup=False)

    def roof_begins(self, name: Name, left: float) -> None:
        """It is this roof's turn."""
        self._status.update(_AtWork(roof_title(name), left))

    def roof_kept(self, name: Name, found: Peak | Roof) -> None:
        """A roof stands in the profile."""
        self._roofs.append(roof_title(name))
        self.console.print(f"{roof_title(name)}: {roof_text(name, found)}", markup=False)

    def ai_begins(self, which: TestSet, tests: int, left: int, seconds: float | None) -> None:
        """AI Benchmark begins, or goes on."""
        self._tests, self._ended = tests, tests - left
        resumed = f", {tests - left} more are there already" if left < tests else ""
        about = f", about {clock_time(seconds)}" if seconds else ""
        self.console.print(f"AI Benchmark{_SETS[which]}: {left} tests{resumed}{about}", markup=False)

    def ai_test_begins(self, test: AiTest, left: float | None) -> None:
        """A test begins."""
        self._status.update(_AtWork(test.label, left))

    def ai_test_ends(self, result: AiResult, left: float | None) -> None:
        """A test has ended: one line stays."""
        self._ended += 1
        gave = f"failed: {result.failed}"
        if result.mean_ms is not None and result.sd_ms is not None:
            gave = f"{result.mean_ms:,.1f} ± {result.sd_ms:.1f} ms"
        counted = f"{self._ended:>{len(str(self._tests))}}/{self._tests}"
        style = "red" if result.failed else None
        self.console.print(f"{counted}  {result.test.label}  {gave}{_left(left)}", style=style, markup=False)


class _AtWork:
    """What is at work, with the time left as it runs down."""

    def __init__(self, what: str, left: float | None) -> None:
        self._what, self._left, self._began = what, left, time.monotonic()

    def __rich__(self) -> Text:
        left = None if self._left is None else max(0.0, self._left - (time.monotonic() - self._began))
        return Text(self._what + _left(left))


def _left(seconds: float | None) -> str:
    return f", about {clock_time(seconds)} left" if seconds else ""
