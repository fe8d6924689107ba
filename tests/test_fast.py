"""`make test-fast` leaves out what is slow, and nothing slow stays in it unseen."""

import ast

from tests.fast import SLOW


def test_every_test_that_is_called_slow_is_there(checkout):
    for name, functions in SLOW.items():
        tree = ast.parse((checkout / "tests" / name).read_text())
        there = {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)}
        assert there >= {*(functions or ())}, name


TESTS = """
import os, subprocess
from contextlib import suppress

def test_that_is_quick():
    assert True

def test_that_starts_a_process():
    subprocess.run(["true"], check=True)

def test_that_forks():
    if os.fork() == 0:
        os._exit(0)
    os.wait()

def test_that_looks_for_keras():
    with suppress(ImportError):
        import keras.of_no_such_name
"""


def test_what_starts_a_process_or_imports_a_framework_fails_where_slow_tests_are_left_out(
    pytester, monkeypatch, checkout
):
    pytester.makepyfile(TESTS)
    monkeypatch.setenv("PYTHONPATH", str(checkout))
    plain = ("-p", "tests.fast", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-W", "default")
    pytester.runpytest_subprocess(*plain).assert_outcomes(passed=4)
    fast = pytester.runpytest_subprocess(*plain, "-m", "not slow")
    fast.assert_outcomes(passed=4, errors=3)
    fast.stdout.fnmatch_lines(
        ["*it is slow, and tests/fast.py doesn't say so: subprocess.Popen*", "*os.fork*", "*keras*"]
    )
