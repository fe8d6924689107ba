"""A gate that judges nothing doesn't pass: under pytest-xdist, with benchmarks off, with no cell left to measure."""

import pytest

from tests.plugin.conftest import QUIET

ONE = ["--bench-only", "simple_cnn/notebook"]
SLOW = ["--bench-slow-down", "*=1.5"]
SILENT = ["-W", "ignore::pytest.PytestWarning"]
"""Without the warning of pytest-benchmark that it is disabled."""


def refused(result, *messages):
    """A usage error of one line, and nothing run."""
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert len([line for line in result.stderr.str().splitlines() if line.startswith("ERROR")]) == 1
    result.stderr.fnmatch_lines([f"ERROR: {message}" for message in messages])
    assert "Traceback" not in result.stderr.str() + result.stdout.str()
    assert "test session starts" not in result.stdout.str()


class TestDistributed:
    """pytest-benchmark measures nothing under pytest-xdist, whatever starts it."""

    SAYS = "--bench-suite: cells are not judged under pytest-xdist*; leave out -n and --dist, or add -n 0 *"

    @pytest.fixture(autouse=True)
    def xdist(self):
        pytest.importorskip("xdist")

    def run(self, tree, *arguments):
        given = ["--bench-suite=suites/tiny.yaml", "--bench-replay=recording.jsonl", *ONE, *SLOW, *QUIET]
        return tree.pytester.runpytest_inprocess(*given, *arguments)

    @pytest.mark.parametrize(
        "arguments",
        [["-n", "2"], ["-n", "1"], ["-n", "2", "--dist", "no"], ["-d", "--tx", "popen"], ["--dist", "loadfile"]],
        ids=" ".join,
    )
    def test_a_planted_slow_down_does_not_pass_but_is_refused(self, tree, arguments):
        refused(self.run(tree, *arguments), self.SAYS)

    def test_wherever_the_option_comes_from(self, tree, monkeypatch):
        refused(self.run(tree, "-o", "addopts=-n2"), self.SAYS)
        monkeypatch.setenv("PYTEST_ADDOPTS", "-n 2")
        refused(self.run(tree), self.SAYS)
        self.run(tree, "-n", "0").assert_outcomes(failed=1)

    def test_what_distributes_nothing_is_as_ever(self, tree):
        self.run(tree, "-n", "0").assert_outcomes(failed=1)
        self.run(tree).assert_outcomes(failed=1)

    def test_collecting_is(self, tree):
        result = self.run(tree, "-n", "2", "--collect-only", "-q", *SILENT)
        assert result.ret == 0
        result.stdout.fnmatch_lines(["suites/tiny.yaml::simple_cnn/notebook/b128"])


def test_a_worker_of_pytest_xdist_refuses_too(tree, monkeypatch):
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")
    refused(tree.run(*SLOW), TestDistributed.SAYS)
    tree.pytester.makepyfile(
        test_own='def test_step(bench_cell):\n    bench_cell("suites/tiny.yaml", "vgg16/xla/b128")\n'
    )
    result = tree.pytester.runpytest_inprocess("-rs", *QUIET, *SILENT)
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED * the cell was not measured: cells are not judged under pytest-xdist*"])


@pytest.mark.parametrize("option", ["--benchmark-skip", "--benchmark-disable"])
def test_benchmarks_that_are_switched_off_are_refused(tree, option):
    refused(
        tree.run(option, *SLOW),
        f"--bench-suite: with {option} no cell is measured, and so none is judged; leave it out",
    )
    assert tree.run(option, "--collect-only").ret == 0


NONE = "ERROR: --bench-suite: no cell was measured, and so none was judged: {}"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["-k", "nothing"], "4 deselected"),
        (["-m", "slow"], "4 deselected"),
        (["--deselect", "suites/tiny.yaml", "--no-summary"], "4 deselected"),
        (["--setup-plan"], "none was run"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_gate_without_a_cell_ends_with_the_status_of_no_tests(tree, arguments, why):
    (tree.root / "pytest.ini").write_text("[pytest]\nmarkers = slow\n")
    result = tree.run(*arguments)
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    result.stderr.fnmatch_lines([NONE.format(why)])


def test_other_tests_that_pass_do_not_make_up_for_the_cells(tree):
    tree.pytester.makepyfile(test_own="def test_own():\n    pass\n")
    result = tree.run("test_own.py", "-k", "own")
    result.assert_outcomes(passed=1, deselected=4)
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    result.stderr.fnmatch_lines([NONE.format("4 deselected")])
    failing = tree.pytester.makepyfile(test_failing="def test_own():\n    assert False\n")
    assert tree.run(failing.name, "-k", "own").ret == pytest.ExitCode.TESTS_FAILED


def test_cells_that_can_not_run_here_do_not_pass_a_gate_of_them_alone(tree):
    tree.recorded(more=[tree.failed("simple_cnn/notebook/b128", "skipped", "no such unit")])
    result = tree.run(*ONE)
    result.assert_outcomes(skipped=1)
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    result.stderr.fnmatch_lines([NONE.format("1 skipped (no such unit)")])


def test_cells_that_a_conftest_skips_are_told_with_its_reason(tree):
    tree.pytester.makeconftest(
        "import pytest\ndef pytest_collection_modifyitems(items):\n"
        "    for item in items[1:]:\n        item.add_marker(pytest.mark.skip(reason='not today'))\n"
    )
    assert tree.run().ret == 0  # one was measured
    result = tree.run("--deselect", "suites/tiny.yaml::simple_cnn/notebook/b128")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    result.stderr.fnmatch_lines([NONE.format("1 deselected, 3 skipped (not today)")])


@pytest.mark.parametrize("arguments", [["--collect-only"], ["--fixtures"]], ids=" ".join)
def test_what_runs_no_tests_is_no_gate(tree, arguments):
    result = tree.run(*arguments)
    assert result.ret == 0
    assert "ERROR" not in result.stderr.str()
