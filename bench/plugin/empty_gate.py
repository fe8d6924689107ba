"""A gate that judges nothing doesn't pass."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence

import pytest

from bench.plugin.items import CellItem

__all__ = ["FailOnEmptyGate"]


class FailOnEmptyGate:
    """A plugin of one session of pytest that was given suites.

    Where tests were run and no cell was measured, pytest ends with the status that it has for no tests at all (5), in
    place of 0; `measured` tells whether one was.
    """

    def __init__(self, measured: Callable[[], bool]) -> None:
        self._measured = measured
        self._cells: set[str] = set()
        self._deselected = 0
        self._skipped: dict[str, str] = {}
        self._has_run = False
        self._fault: str | None = None

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """Count cells that -k, -m, --deselect and the like leave out."""
        self._deselected += sum(isinstance(item, CellItem) for item in items)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Keep which tests are cells."""
        self._cells = {item.nodeid for item in session.items if isinstance(item, CellItem)}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Tests are run, and not only listed."""
        self._has_run = not session.config.getoption("collectonly")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep why a cell was skipped."""
        if report.skipped and report.nodeid in self._cells and isinstance(report.longrepr, tuple):
            self._skipped[report.nodeid] = report.longrepr[2].removeprefix("Skipped: ")

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Change a status that would pass."""
        passes = session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
        if self._has_run and passes and not self._measured():
            session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED
            self._fault = f"--bench-suite: no cell was measured, and so none was judged: {self._why()}"

    def pytest_unconfigure(self) -> None:
        """Say so last, where pytest's own errors go."""
        if self._fault is not None:
            print(f"ERROR: {self._fault}", file=sys.stderr)  # noqa: T201

    def _why(self) -> str:
        told = [f"{self._deselected} deselected"] if self._deselected else []
        told += [f"{number} skipped ({reason})" for reason, number in Counter(self._skipped.values()).most_common()]
        return ", ".join(told) or "none was run"
