"""What one pytest session measures with: its suites, its executor, its host, and what came of each cell."""

from __future__ import annotations

import os
import platform
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pytest

from bench import __version__
from bench.analyse.compare.regression import Regression, history, regression
from bench.analyse.stats.spread import spread_of
from bench.errors import Fault, InputError
from bench.host.profile import HostProfile
from bench.host.registry import remember
from bench.plugin.comparison import Comparison
from bench.plugin.empty_gate import FailOnEmptyGate
from bench.plugin.executor import SessionExecutor
from bench.plugin.items import SuiteFile
from bench.plugin.refusals import refuse_no_measurement
from bench.plugin.suites import Suites
from bench.plugin.wording import count, line, nothing_stored
from bench.results.journal import Journal, journal_path
from bench.results.query import identity
from bench.results.record import Record
from bench.results.writable import writable
from bench.run.checks import check_batches
from bench.run.given_suite import Given, given_suite
from bench.run.prepare import Prepared, Request, prepared
from bench.run.single_cell import SingleCellRunner
from bench.suite import Cell, Suite

__all__ = ["Gate", "Judged"]

_DEFAULT_STORAGE = "file://./.benchmarks"
_RETRIES = 2


@dataclass(frozen=True)
class Judged:
    """A cell's records of this session, those it was judged by, and the verdict; None where it isn't ok.

    `others` is how many more good ones are stored of the cell, of another workload.
    """

    records: tuple[Record, ...]
    before: tuple[Record, ...]
    others: int
    verdict: Regression | None


@dataclass(frozen=True)
class _Bench:
    """One suite made ready, with the records that were stored of it before this session."""

    ready: Prepared
    runner: SingleCellRunner
    stored: tuple[Record, ...]


class Gate:
    """Measures and judges cells for one pytest session. Everything is made ready on first use, and kept."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        # never pytest's rootdir: without a configuration file that is what the values of all options have in common
        here = config.invocation_params.dir
        self.root = (here / (config.getoption("--bench-root") or os.environ.get("BENCH_ROOT") or "")).resolve()
        self._suites = Suites((here, self.root, config.rootpath), config.getoption("--bench-set") or ())
        self._profile: HostProfile | None = None
        self._selected: dict[Path, tuple[Cell, ...]] = {}
        self._benches: dict[Path, _Bench | InputError] = {}
        self._made: list[Path] = []
        self._judged: list[Judged] = []
        self._notices: dict[str, None] = {}
        self._stack = ExitStack()

    def configure(self) -> None:
        """Check the options, select the cells, and give pytest-benchmark this host's storage. Raises UsageError."""
        option = self._config.getoption
        retries = option("--bench-retries")
        try:
            if not self.root.is_dir():
                raise InputError(Fault("no such folder", "make one with `bench init`", self.root))
            if retries is not None and retries < 0:
                raise InputError(Fault(f"--bench-retries {retries}", "0 or more"))
            self._selected = self._suites.select(option("--bench-suite") or (), option("--bench-only") or ())
            executor = self._borrowed.executor
            self._profile = executor.host(self.root, executor.hardware(), option("--bench-host")).profile
        except InputError as error:
            raise pytest.UsageError(*map(str, error.faults)) from None
        register = self._config.pluginmanager.register
        if self._selected:
            refuse_no_measurement(self._config)
            self._collect_suites()
            register(FailOnEmptyGate(lambda: any(judged.verdict is not None for judged in self._judged)))
        register(Comparison(self._config, self))
        if option("--benchmark-storage") == _DEFAULT_STORAGE:
            folder = self.root / "results" / self._profile.id / "pytest-benchmark"
            # pytest-benchmark makes the folder whether or not anything is saved
            self._made = [place for place in (folder, *folder.parents) if not place.exists()]
            self._config.option.benchmark_storage = f"file://{folder}"

    def close(self) -> None:
        """End what runs, and leave no empty folder behind."""
        self._stack.close()
        for folder in self._made:
            with suppress(OSError):  # something was saved
                folder.rmdir()

    def header(self) -> str | None:
        """What is measured where."""
        if not self._selected or self._profile is None:
            return None
        how = "measured" if self._config.getoption("--bench-replay") is None else "replayed"
        cells = count(sum(map(len, self._selected.values())), "cell")
        return f"bench: {cells} to be {how}, judged by the records of {self._profile.id} under {self.root}"

    def collect(self, path: Path, parent: pytest.Collector) -> SuiteFile | None:
        """The suite's file as a collector; None for any other file."""
        cells = self._selected.get(path.resolve())
        return None if cells is None else SuiteFile.of(parent, path, cells, (self._config.rootpath, self.root))

    def machine_info(self) -> dict[str, Any] | None:
        """What pytest-benchmark keeps of the machine: the host, and nothing that names it or its user.

        None where only a fixture is used: pytest-benchmark's storage is then not this host's.
        """
        if self._profile is None:
            return None
        return {
            "host": self._profile.id,
            "device": self._profile.device,
            "software": {name: _version(name) for name in ("tensorflow", "keras", "numpy")} | {"bench": __version__},
            "machine": platform.machine(),
            "system": platform.system(),
            "python_implementation": platform.python_implementation(),
            "python_version": platform.python_version(),
        }

    def summary(self, reporter: pytest.TerminalReporter) -> None:
        """One line a cell."""
        if not self._judged:
            return
        reporter.section("bench")
        for judged in self._judged:
            text, colour = line(judged)
            reporter.line(text, **{colour: True})
        measured = [judged for judged in self._judged if judged.verdict is not None]
        if measured and not any(judged.before or judged.others for judged in measured):
            folder = self.root / "results" / measured[0].records[0].host
            reporter.line(f"WARNING: {nothing_stored(folder)}", yellow=True, bold=True)
        for notice in self._notices:
            reporter.line(f"note: {notice}", yellow=True)

    def judge(self, suite: str | Path, cell: str) -> Judged:
        """Measure a cell and judge it; again, in a fresh process, while it seems slower and retries are left.

        All measurements are pooled, so that one disturbed process fails nothing and a true slow-down is confirmed.
        Raises InputError, JournalError.
        """
        path = self._suites.find(suite)
        wanted = self._suites.cell(path, cell)
        return self._judge(self._bench(path), wanted)

    def judge_given(self, given: Given) -> Judged:
        """The same for a test's own model and data, in the one variant that is given."""
        suite = self._stack.enter_context(given_suite(given))
        return self._judge(self._made_ready(suite), suite.cells()[0])

    def _judge(self, bench: _Bench, wanted: Cell) -> Judged:
        if not self._config.getoption("--bench-keep"):  # what is judged is the step's time: the rest is for records
            wanted = wanted.model_copy(update={"train": None, "attribute": False})
        setting = bench.ready.setting
        check_batches(setting.suite, (wanted,), setting.info)
        retries = self._config.getoption("--bench-retries")
        most = 1 + (_RETRIES if retries is None else retries)
        records: list[Record] = []
        with self._borrowed.at_work():
            planned = bench.ready.plan(wanted)
            while True:
                records.append(bench.runner.measure(planned))
                before = history(records[0], bench.stored)
                verdict = regression(records, before, spread_of(setting.host)) if records[-1].ok else None
                if verdict is None or verdict.settled or len(records) == most:
                    break
        alike = sum(one.ok and one.counts and identity(one) == identity(records[0]) for one in bench.stored)
        judged = Judged(tuple(records), before, alike - len(before), verdict)
        self._judged.append(judged)
        return judged

    # an observer of the runner, that cares for notices alone

    def notice(self, text: str) -> None:
        """Something that the user should know, once."""
        self._notices[text] = None

    def cell_begins(self, _: object) -> None: ...
    def cell_says(self, _: object) -> None: ...
    def cell_ends(self, _: object) -> None: ...

    @cached_property
    def _borrowed(self) -> SessionExecutor:
        option = self._config.getoption
        return SessionExecutor(option("--bench-replay"), option("--bench-slow-down") or ())

    def _collect_suites(self) -> None:
        """Have pytest look at the suites: at them alone, unless it was told to look elsewhere too."""
        config = self._config
        if config.args_source is not pytest.Config.ArgsSource.ARGS:
            config.args = []
        here = config.invocation_params.dir
        named = {(here / argument.partition("::")[0]).resolve() for argument in config.args}
        config.args += [str(path) for path in self._selected if path not in named]

    def _bench(self, path: Path) -> _Bench:
        if path not in self._benches:
            try:
                self._benches[path] = self._made_ready(self._suites.load(path))
            except InputError as error:
                self._benches[path] = error  # it would take as long to fail for each cell
        bench = self._benches[path]
        if isinstance(bench, InputError):
            raise bench
        return bench

    def _made_ready(self, suite: Suite) -> _Bench:
        option = self._config.getoption
        request = Request(
            suite=suite,
            cells=(),
            root=self.root,
            data_dir=option("--bench-data-dir"),
            strict_data=bool(option("--bench-strict-data")),
            host=option("--bench-host"),
            idle_power=bool(option("--bench-keep")),
        )
        with self._borrowed.at_work() as executor:
            ready = self._stack.enter_context(prepared(request, executor, self.notice))
        journal = Journal(journal_path(self.root, ready.setting.host.id, suite.name, ready.setting.team), Record)
        stored = journal.read(strict=True)  # one of a newer version would be the one to judge by
        for notice in stored.notices:
            self.notice(notice)
        if option("--bench-keep"):
            writable(journal.path)
            remember(self.root, ready.setting.host)
        runner = SingleCellRunner(request, executor, self, ready, journal if option("--bench-keep") else None)
        return _Bench(ready, runner, stored.records)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
