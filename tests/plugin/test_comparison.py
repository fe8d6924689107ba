"""`--benchmark-compare` and `--benchmark-compare-fail`: what can't be compared is told before anything is measured."""

import pytest

ONE = ["--bench-only", "simple_cnn/notebook"]
FAIL = "--benchmark-compare-fail=mean:10%"
SILENT = ["-W", "ignore::pytest.PytestWarning"]
"""Without pytest-benchmark's own warning that there is nothing to compare with."""


def refused(result, message):
    """A usage error, and no cell measured."""
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {message}"])
    said = result.stderr.str() + result.stdout.str()
    assert "Traceback" not in said
    assert "INTERNALERROR" not in said
    assert "passed" not in said


def test_it_has_to_be_said_what_to_compare_with(tree):
    refused(
        tree.run(*ONE, FAIL), "--benchmark-compare-fail: it isn't said what to compare with; add --benchmark-compare *"
    )


def test_nothing_is_stored_yet(tree):
    before = tree.files()
    said = (
        "--benchmark-compare: no run is stored yet; store one first, with --benchmark-save=before (it goes to *here/*)"
    )
    refused(tree.run(*ONE, "--benchmark-compare", FAIL, *SILENT), said)
    assert tree.files() == before


def test_the_first_run_of_a_series_has_none_before_it(tree):
    result = tree.run(*ONE, "--benchmark-compare", "--benchmark-save=first", *SILENT)
    result.assert_outcomes(passed=1)
    assert result.ret == 0


@pytest.mark.parametrize("fails", [[], [FAIL]], ids=["shown", "failing"])
def test_a_number_that_is_not_stored_is_told_with_those_that_are(tree, fails):
    tree.run(*ONE, "--benchmark-save=first")
    refused(
        tree.run(*ONE, "--benchmark-compare=0009", *fails, *SILENT),
        "--benchmark-compare: no run 0009 is stored; * has */0001_first",
    )


def test_a_run_that_can_not_be_read_is_none(tree):
    tree.run(*ONE, "--benchmark-save=first")
    (saved,) = tree.root.glob("results/here/pytest-benchmark/*/0001_first.json")
    saved.write_text("{")
    refused(
        tree.run(*ONE, "--benchmark-compare=0001", *SILENT),
        "--benchmark-compare: no run 0001 is stored; * has */0001_first",
    )


def test_what_is_neither_a_number_nor_a_file(tree):
    refused(
        tree.run(*ONE, "--benchmark-compare=a/b/c"), "--benchmark-compare=a/b/c: no such file; a stored run's number, *"
    )


def test_a_malformed_expression(tree):
    refused(tree.run(*ONE, "--benchmark-compare", "--benchmark-compare-fail=mean:much"), "usage:*")


def test_a_run_of_other_cells_compares_nothing(tree):
    tree.run("--bench-only", "vgg16/*", "--benchmark-save=other")
    refused(
        tree.run(*ONE, "--benchmark-compare", FAIL, *SILENT),
        "--benchmark-compare: */0001_other.json holds none of these cells; *",
    )


def test_a_run_that_lacks_some_of_the_cells_is_noted(tree):
    tree.run(*ONE, "--benchmark-save=first")
    result = tree.run("--benchmark-compare", FAIL)
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(
        ["note: --benchmark-compare: */0001_first.json lacks 3 cells: suites/tiny.yaml::simple_cnn/xla/b128, *"]
    )


def test_a_saved_file_will_do(tree):
    tree.run(*ONE, "--benchmark-save=first")
    (saved,) = tree.root.glob("results/here/pytest-benchmark/*/0001_first.json")
    result = tree.run(*ONE, f"--benchmark-compare={saved}", FAIL)
    result.assert_outcomes(passed=1)
    assert result.ret == 0


def test_collecting_compares_nothing(tree):
    assert tree.run(*ONE, "--benchmark-compare", FAIL, "--collect-only", *SILENT).ret == 0


def test_a_regression_fails_without_a_traceback_and_with_both_verdicts(tree):
    tree.run("--benchmark-save=first")
    tree.stored(*[1.2] * 10)  # our own verdict passes: what fails is pytest-benchmark's
    result = tree.run("--benchmark-compare", FAIL, "--bench-slow-down", "*/xla=1.2")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=4)
    said = result.stderr.str() + result.stdout.str()
    assert "Performance has regressed" in said
    assert "Traceback" not in said
    result.stdout.fnmatch_lines(["*= bench =*", "pass       simple_cnn/xla/b128  *"])
