"""Which cells pytest collects, and what it says of bad input: before anything is measured."""

import pytest

from bench.plugin.command_line import _NAMES
from tests.plugin.conftest import QUIET

IDS = [
    f"suites/tiny.yaml::{model}/{variant}/b128" for model in ("simple_cnn", "vgg16") for variant in ("notebook", "xla")
]


def collected(result):
    return [line for line in result.outlines if "::" in line]


@pytest.fixture
def own_test(pytester):
    pytester.makepyfile(test_own="def test_own():\n    pass\n")


def test_all_cells_are_collected_and_no_other_test_is(tree, own_test):
    assert collected(tree.run("--collect-only", "-q")) == IDS


def test_globs_and_expressions_pick_cells(tree):
    assert collected(tree.run("--collect-only", "-q", "--bench-only", "simple_cnn/*")) == IDS[:2]
    assert collected(tree.run("--collect-only", "-q", "--bench-only", "*/xla")) == IDS[1::2]
    assert collected(tree.run("--collect-only", "-q", "-k", "vgg16 and not xla")) == [IDS[2]]


def test_tests_that_are_named_are_run_beside_the_cells(tree, own_test):
    found = collected(tree.run("--collect-only", "-q", "--bench-only", "*/xla", "test_own.py"))
    assert found == ["test_own.py::test_own", IDS[1], IDS[3]]


def test_one_cell_can_be_named_by_its_node_id(tree):
    tree.run(IDS[3]).assert_outcomes(passed=1)


def test_node_ids_are_the_same_from_any_folder(tree, pytester):
    (tree.root / "deep").mkdir()
    pytester.chdir()
    result = pytester.runpytest_inprocess(
        "--rootdir=deep", "--bench-suite=suites/tiny.yaml", "--collect-only", "-q", *QUIET
    )
    assert collected(result) == IDS


def test_overrides_reach_the_suite(tree):
    tree.run("--bench-set", "batch_sizes=[64]", "--collect-only", "-q").stdout.fnmatch_lines(["*vgg16/xla/b64"])


def test_collecting_writes_nothing(tree):
    before = tree.files()
    tree.run("--collect-only")
    assert tree.files() == before


@pytest.mark.parametrize(
    ("arguments", "messages"),
    [
        (["--bench-suite", "suites/tony.yaml"], ["*tony.yaml: *did you mean*suites/tiny.yaml'?"]),
        (["--bench-only", "*/xla"], ["ERROR: --bench-only selects from a suite; name it: --bench-suite*"]),
        (
            ["--bench-suite", "suites/tiny.yaml", "--bench-only", "*/xlo"],
            ["ERROR: --bench-only '[*]/xlo' matches no cell; *"],
        ),
        (["--bench-suite", "suites/tiny.yaml", "--bench-set", "protocol.presision=1"], ["ERROR: *'precision'*"]),
        (
            ["--bench-suite", "faulty.yaml"],
            ["ERROR: *faulty.yaml:2: unknown network 'vgg61'*", "ERROR: *faulty.yaml:3: *xlaa*did you mean 'xla'*"],
        ),
        (["--bench-suite", "suites/tiny.yaml", "--bench-root", "nowhere"], ["ERROR: *nowhere: no such folder*"]),
        (["--bench-suite", "suites/tiny.yaml", "--bench-retries", "-1"], ["ERROR: --bench-retries -1; 0 or more*"]),
        (["--bench-suite", "suites/tiny.yaml", "--bench-host", "No Host"], ["ERROR: 'No Host' can't be a host's id*"]),
        (["--bench-suite", "suites/tiny.yaml", "--bench-replay", "no.jsonl"], ["ERROR: *no.jsonl: no such recording*"]),
        (["--bench-suite", "suites/tiny.yaml", "--bench-slow-down", "*=1.05"], ["ERROR: *name a recording*"]),
        (
            ["--bench-suite", "suites/tiny.yaml", "--bench-replay", "recording.jsonl", "--bench-slow-down", "*=fast"],
            ["ERROR: --bench-slow-down [*]=fast; GLOB=FACTOR*"],
        ),
        (["--bench-suite", "suites/tiny.yaml", "-p", "no:benchmark"], ["ERROR: --bench-suite: * pip install*"]),
    ],
    ids=lambda value: " ".join(value) if value[0].startswith("--") else "",
)
def test_bad_input_is_a_usage_error_with_what_would_be_right(tree, arguments, messages):
    (tree.root / "faulty.yaml").write_text("data: digits\nmodels: [vgg61]\nvariants: {a: {xlaa: on}}\n")
    before = tree.files()
    result = tree.run("-p", "no:cacheprovider", *arguments, suite=False, replay=False)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(messages)
    assert "Traceback" not in result.stderr.str() + result.stdout.str()
    assert tree.files() == before


def test_without_its_options_the_plugin_is_not_there(tree, own_test):
    result = tree.run("-v", "-p", "no:benchmark", suite=False, replay=False)
    result.assert_outcomes(passed=1)
    assert "bench:" not in result.stdout.str()


def test_loading_it_costs_next_to_nothing(pytester):
    heavy = "{'numpy', 'scipy', 'pydantic', 'yaml', 'tensorflow', 'keras', 'bench.errors'}"
    code = f"import sys, bench.plugin; found = {heavy} & set(sys.modules); assert not found, found"
    assert pytester.runpython_c(code).ret == 0


def test_every_option_is_listed_in_the_help(pytester):
    text = pytester.runpytest_inprocess("--help").stdout.str()
    assert all(f"{name}" in text for name in _NAMES)
