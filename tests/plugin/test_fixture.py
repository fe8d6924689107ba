"""The fixture `bench_cell`, in tests of users' own."""

import os

import pytest

from bench.plugin.executor import SessionExecutor
from bench.results.reading import read
from tests import warm
from tests.plugin.conftest import QUIET


@pytest.fixture
def own(tree, pytester):
    def run(body, *arguments):
        pytester.makepyfile(test_own=f"def test_step(bench_cell):\n    {body}\n")
        return tree.run(*arguments, suite=False)

    return run


CALL = 'bench_cell("suites/tiny.yaml", "vgg16/xla/b128")'


def test_a_test_measures_a_cell_and_gets_its_record(own):
    result = own(f"record = {CALL}; assert record.cell == 'vgg16/xla/b128' and record.ok and record.windows")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*benchmark 'vgg16': 1 tests*", "pass       vgg16/xla/b128*"])


def test_it_fails_where_the_cell_is_slower(own):
    result = own(CALL, "--bench-slow-down", "*=1.05")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*is slower than the stored records of here*"])
    assert "bench/plugin" not in result.stdout.str()


def test_the_beginning_of_an_id_will_do_where_it_leaves_no_doubt(own):
    own('assert bench_cell("suites/tiny.yaml", "vgg16/xla").cell == "vgg16/xla/b128"').assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('bench_cell("suites/tony.yaml", "vgg16/xla/b128")', "*tony.yaml: *did you mean *suites/tiny.yaml'?"),
        (
            'bench_cell("suites/tiny.yaml", "vgg16/xlo/b128")',
            "*no cell 'vgg16/xlo/b128'; did you mean 'vgg16/xla/b128'?",
        ),
        ('bench_cell("suites/tiny.yaml", "vgg16")', "*'vgg16' is 2 cells, and one is measured at a time; *"),
        (f"{CALL}; {CALL}", "*one cell a test, as a test is one benchmark; parametrize it for more"),
    ],
    ids=["suite", "cell", "several", "twice"],
)
def test_what_is_wrong_with_a_call_is_told_without_a_traceback(own, body, message):
    result = own(body)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([message])
    assert "Traceback" not in result.stdout.str()
    assert "bench/plugin" not in result.stdout.str()


@pytest.mark.parametrize("option", ["--benchmark-skip", "--benchmark-disable"])
def test_it_is_skipped_where_benchmarks_are(own, option):
    own(CALL, option).assert_outcomes(skipped=1)


def test_a_group_and_parameters_of_the_tests_own_are_kept(tree, pytester):
    pytester.makepyfile(
        test_own="""
        import pytest

        @pytest.mark.benchmark(group="mine")
        @pytest.mark.parametrize("cell", ["vgg16/xla", "vgg16/notebook"])
        def test_step(bench_cell, cell):
            bench_cell("suites/tiny.yaml", cell)
        """
    )
    result = tree.run("--benchmark-group-by=group,param:cell", suite=False)
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*benchmark 'mine cell=vgg16/notebook': 1 tests*"])


def test_the_environment_of_other_tests_is_left_alone(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.delenv("CUDA_DEVICE_ORDER", raising=False)
    borrowed = SessionExecutor(None, ())
    assert os.environ["KERAS_BACKEND"] == "jax"
    with borrowed.at_work():
        assert (os.environ["KERAS_BACKEND"], os.environ["CUDA_DEVICE_ORDER"]) == ("tensorflow", "PCI_BUS_ID")
    assert os.environ["KERAS_BACKEND"] == "jax"
    assert "CUDA_DEVICE_ORDER" not in os.environ


def test_a_cell_is_really_measured(pytester):
    (pytester.path / "suites").mkdir()
    (pytester.path / "suites" / "real.yaml").write_text(
        "data: digits\nmodels: [simple_cnn]\nvariants: [notebook]\nbatch_sizes: [16]\nprotocol: {precision: 0.9, "
        "max_seconds: 0.5, min_windows: 3, min_seconds: 0, warmup_seconds: 0, window_seconds: 0.02}\n"
    )
    with warm.forked_servers():
        result = pytester.runpytest_inprocess("--bench-suite=suites/real.yaml", "--bench-keep", *QUIET)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["pass       simple_cnn/notebook/b16  * ms/step, no stored record to compare with"])
    (journal,) = pytester.path.glob("results/*/real.jsonl")
    (record,) = read(journal).records
    assert (record.status, record.counts, record.host) == ("ok", True, journal.parent.name)


OWN = """
import own_pipelines

PROTOCOL = {"max_seconds": 0.5, "min_seconds": 0.1, "warmup_seconds": 0.1}

def test_towers(bench_cell):
    record = bench_cell(build=own_pipelines.two_towers, data=own_pipelines.texts, batch_size=8,
                        options={"prefetch": 0}, protocol=PROTOCOL)
    assert record.cell == "test_towers/tested/b8" and record.suite == "test_own"

def test_bad(bench_cell):
    bench_cell(build=own_pipelines.two_towers, data=own_pipelines.nothing)

def test_neither(bench_cell):
    bench_cell(build=own_pipelines.two_towers)
"""


@pytest.mark.long
def test_a_model_and_data_of_the_tests_own(pytester, checkout):
    source = (checkout / "tests" / "workload" / "own_pipelines.py").read_text()
    pytester.makepyfile(test_own=OWN, own_pipelines=source)
    done = pytester.runpytest_subprocess(*QUIET, "-p", "no:randomly", "--bench-keep", "-v")
    done.assert_outcomes(passed=1, failed=2)
    done.stdout.fnmatch_lines(["*nothing returned None*"])
    done.stdout.fnmatch_lines(["*give a suite and a cell, or `build` and `data`*"])
    (journal,) = pytester.path.glob("results/*/test_own.jsonl")
    assert '"cell":"test_towers/tested/b8"' in journal.read_text().replace('": "', '":"')
