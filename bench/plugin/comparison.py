"""pytest-benchmark's own comparison with a stored run: looked into before anything is measured, and told in words."""

from __future__ import annotations

from collections.abc import Collection, Generator, Mapping
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import pytest

from bench.plugin.items import CellItem
from bench.plugin.wording import count

if TYPE_CHECKING:
    from bench.plugin.gate import Gate

__all__ = ["Comparison"]

_COMPARE, _FAIL = "--benchmark-compare", "--benchmark-compare-fail"
_SHOWN = 5


class Comparison:
    """A plugin of one session of pytest, for `--benchmark-compare` and `--benchmark-compare-fail`.

    pytest-benchmark 5.3.1 sees only after all is measured that there is nothing to compare with, and tells that, and
    that something has become slower, by an exception. A bare `--benchmark-compare` that finds nothing stays no fault:
    the first run of a series has none before it.
    """

    def __init__(self, config: pytest.Config, gate: Gate) -> None:
        """Raises UsageError where what is asked for can't be."""
        self._config, self._gate = config, gate
        self._run: str | bool = config.getoption("benchmark_compare") or False
        self._is_wanted = bool(config.getoption("benchmark_compare_fail") or isinstance(self._run, str))
        self._session: pytest.Session | None = None
        if self._is_wanted and not self._run:
            hint = f"add {_COMPARE} for the newest stored run, or {_COMPARE}=0001 for that one"
            raise pytest.UsageError(f"{_FAIL}: it isn't said what to compare with; {hint}")
        if isinstance(self._run, str) and len(PurePath(self._run).parts) > 2 and not Path(self._run).is_file():
            hint = "a stored run's number, such as 0001, FOLDER/NUMBER, or a file"
            raise pytest.UsageError(f"{_COMPARE}={self._run}: no such file; {hint}")

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """pytest-benchmark has looked for the stored run by now. Raises UsageError where there is none."""
        self._session = session
        if self._is_wanted and not self._stored and not self._config.getoption("collectonly"):
            which = "no run is stored yet" if self._run is True else f"no run {self._run} is stored"
            raise pytest.UsageError(f"{_COMPARE}: {which}; {self._what_there_is()}")

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Raises UsageError where the stored run holds nothing of what will be measured; notes what it lacks."""
        if not (self._is_wanted and self._stored):
            return
        names = [_full_name(item, self._gate.root) for item in session.items if _is_ours(item)]
        held = {name for run in self._stored.values() for name in run}
        lacking = [name for name in names if name not in held]
        run = ", ".join(map(str, self._stored))
        if names and len(lacking) == len(names):
            raise pytest.UsageError(f"{_COMPARE}: {run} holds none of these cells; {self._what_there_is()}")
        if lacking:
            self._gate.notice(f"{_COMPARE}: {run} lacks {count(len(lacking), 'cell')}: {_some(lacking)}")

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_terminal_summary(self) -> Generator[None, Any, Any]:
        """Something has become slower, which is a failure and no fault of anyone's code."""
        from pytest_benchmark.session import PerformanceRegression

        try:
            return (yield)
        except PerformanceRegression:  # pytest-benchmark has told of it
            assert self._session is not None
            self._session.exitstatus = self._session.exitstatus or pytest.ExitCode.TESTS_FAILED
            return None

    @property
    def _stored(self) -> Mapping[PurePath, Mapping[str, object]]:
        """The benchmarks of the runs to compare with, by their full names."""
        found: Mapping[PurePath, Mapping[str, object]] = self._benchmarks.compared_mapping
        return found

    @property
    def _benchmarks(self) -> Any:
        return self._config.pluginmanager.getplugin("pytest-benchmark")

    def _what_there_is(self) -> str:
        storage = self._benchmarks.storage
        folder = getattr(storage, "path", None)  # a storage of another kind has none
        runs = sorted(folder.rglob("*.json"), reverse=True) if isinstance(folder, Path) else []
        if not runs:
            return f"store one first, with --benchmark-save=before (it goes to {storage})"
        return f"{storage} has {_some([str(run.relative_to(str(folder)).with_suffix('')) for run in runs])}"


def _is_ours(item: pytest.Item) -> bool:
    return "bench_cell" in getattr(item, "fixturenames", ())


def _full_name(item: pytest.Item, root: Path) -> str:
    return item.lasting_name(root) if isinstance(item, CellItem) else item.nodeid


def _some(names: Collection[str]) -> str:
    shown = list(names)[:_SHOWN]
    return ", ".join(shown) + (f" and {len(names) - len(shown)} more" if len(names) > len(shown) else "")
