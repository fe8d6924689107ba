"""The pytest plugin: cells as benchmarks of pytest-benchmark, and a verdict against this host's stored records.

    pytest --bench-suite suites/cnn.yaml --bench-only 'simple_cnn/*'

collects the cells; in tests of one's own,

    def test_step(bench_cell):
        record = bench_cell("suites/cnn.yaml", "vgg16/xla/b128")

    def test_my_step(bench_cell):
        bench_cell(build=my_models.build, data=my_data.train, batch_size=64)

Each cell is measured in a process of its own. pytest-benchmark is then shown the windows' seconds a step, one round a
window, so that its table, JSON, storage and comparisons work on them. The verdict is
`bench.analyse.compare.regression`'s.

Every pytest of the environment loads this module, so it imports next to nothing until it is asked for something.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bench.plugin.ambiguous import AmbiguousWarning
from bench.plugin.command_line import add_options, asked_for
from bench.plugin.window_timer import Tape

if TYPE_CHECKING:
    from bench.plugin.cells import BenchCell
    from bench.plugin.gate import Gate
    from bench.plugin.items import SuiteFile

__all__ = ["AmbiguousWarning", "bench_cell"]

_GATE = pytest.StashKey["Gate"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    # pytest-benchmark opens its storage last of all that is configured: by then it knows where that is
    asked = asked_for(config)
    if not asked:
        return
    if not config.pluginmanager.hasplugin("benchmark"):
        raise pytest.UsageError(
            f"{', '.join(asked)}: cells are benchmarks of pytest-benchmark, which isn't there; "
            "pip install pytest-benchmark, and leave out -p no:benchmark"
        )
    from bench.plugin.refusals import refuse_distribution

    refuse_distribution(config, asked)
    _gate(config).configure()


def pytest_unconfigure(config: pytest.Config) -> None:
    gate = config.stash.get(_GATE, None)
    if gate is not None:
        gate.close()


def pytest_report_header(config: pytest.Config) -> str | None:
    gate = config.stash.get(_GATE, None)
    return gate.header() if gate is not None else None


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> SuiteFile | None:
    gate = parent.config.stash.get(_GATE, None)
    return gate.collect(file_path, parent) if gate is not None else None


def pytest_itemcollected(item: pytest.Item) -> None:
    """Give each test that measures a cell the timer that will play its windows."""
    if "bench_cell" in getattr(item, "fixturenames", ()):
        marker = item.get_closest_marker("benchmark")
        own = dict(marker.kwargs) if marker else {}
        item.add_marker(pytest.mark.benchmark(**(own | {"timer": Tape()})), append=False)


@pytest.fixture
def bench_cell(request: pytest.FixtureRequest, benchmark: Any) -> BenchCell:
    """Measures one cell and judges it: `bench_cell(suite, cell)`, or `bench_cell(build=…, data=…)` with a model and
    data of one's own, gives its `bench.results.record.Record`.

    The test fails where the cell fails or is slower than this host's stored records, warns where that is ambiguous, and
    is skipped where the cell can't run here. Once a test: it is one benchmark. Only the step is timed: what the suite
    has trained to accuracy or attributed is, with `--bench-keep`.
    """
    from bench.plugin.cells import BenchCell

    return BenchCell(_gate(request.config), request.node, benchmark)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Generator[None, Any, Any]:
    try:
        return (yield)
    finally:  # pytest-benchmark raises an exception where something is slower than the run that it compares with
        gate = terminalreporter.config.stash.get(_GATE, None)
        if gate is not None:
            gate.summary(terminalreporter)


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_benchmark_generate_machine_info(config: pytest.Config) -> dict[str, Any] | None:
    gate = config.stash.get(_GATE, None)
    return gate.machine_info() if gate is not None else None


@pytest.hookimpl(optionalhook=True, wrapper=True)
def pytest_benchmark_compare_machine_info(benchmarksession: Any, compared_benchmark: Any) -> Generator[None, Any, Any]:
    try:
        return (yield)
    except ValueError:  # pytest-benchmark 5.3.1 has no words for a storage outside of the current folder
        before = compared_benchmark["machine_info"]
        benchmarksession.logger.warning(f"Benchmark machine_info is different. Saved: {before}")
        return None


def _gate(config: pytest.Config) -> Gate:
    if _GATE not in config.stash:
        from bench.plugin.gate import Gate

        config.stash[_GATE] = Gate(config)
    return config.stash[_GATE]
