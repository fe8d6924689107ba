"""Cells as benchmarks of pytest-benchmark: its table, JSON, storage and comparisons."""

import json
import os

import pytest

from tests.plugin.conftest import QUIET

CELL = "simple_cnn/notebook"


def as_json(tree, *arguments):
    result = tree.run("--benchmark-json", "out.json", *arguments)
    return result, json.loads((tree.root / "out.json").read_text())


def test_the_table_groups_cells_by_model(tree):
    result = tree.run()
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["*benchmark 'simple_cnn': 2 tests*", "Name (time in ms)*", "*benchmark 'vgg16': 2*"])


def test_one_round_is_one_window_to_the_last_digit(tree):
    _, written = as_json(tree, "--bench-only", CELL)
    (one,) = written["benchmarks"]
    process = tree.process(f"{CELL}/b128", 1.0, 26)
    # min_seconds of the protocol: 1.5 s of windows are taken, of the 20 recorded ones
    expected = [window.step_seconds for window in process.windows][: one["stats"]["rounds"]]
    assert one["stats"]["rounds"] == 14
    assert one["stats"]["data"] == pytest.approx(expected, rel=1e-12)
    assert one["stats"]["iterations"] == 1
    assert one["fullname"] == f"suites/tiny.yaml::{CELL}/b128"
    assert (one["name"], one["group"]) == (f"{CELL}/b128", "simple_cnn")
    assert one["params"] == {"model": "simple_cnn", "variant": "notebook", "batch_size": 128, "seed": 0}


def test_what_the_record_says_goes_with_it(tree):
    _, written = as_json(tree, "--bench-only", CELL)
    info = written["benchmarks"][0]["extra_info"]
    record = tree.measured[f"{CELL}/b128"]
    assert (info["host"], info["cell"], info["fingerprint"]) == ("here", record.cell, record.fingerprint)
    assert (info["status"], info["executor"], info["verdict"]) == ("ok", "replay", "pass")
    assert "replay" in info["findings"]
    low, high = info["interval_seconds"]
    assert low < info["step_seconds"] < high
    assert info["step_seconds"] == pytest.approx(0.016, rel=1e-3)
    assert (info["stored_records"], info["processes"]) == (10, 1)
    assert (info["device_kind"], info["published_cell"]) == (
        record.device.kind,
        None,
    )  # replayed: it counts for nothing


def test_the_machine_is_named_by_its_host_and_by_nothing_that_is_its_owners(tree):
    _, written = as_json(tree, "--bench-only", CELL)
    machine = written["machine_info"]
    assert (machine["host"], machine["device"]) == ("here", "Some CPU")
    assert machine["software"]["tensorflow"].startswith("2.")
    assert os.uname().nodename not in json.dumps(machine)


def test_runs_are_saved_by_host_and_compared(tree):
    tree.run("--benchmark-save", "first")
    (saved,) = tree.root.glob("results/here/pytest-benchmark/*/0001_first.json")
    again = tree.run("--benchmark-compare", "--benchmark-compare-fail", "mean:10%")
    again.assert_outcomes(passed=4)
    again.stdout.fnmatch_lines(["*simple_cnn/notebook/b128 (0001_first)*"])
    tree.stored(*[1.2] * 10)  # our own verdict passes: what fails is pytest-benchmark's
    slower = tree.run("--benchmark-compare=0001", "--benchmark-compare-fail=mean:10%", "--bench-slow-down", "*/xla=1.2")
    assert slower.ret != 0
    assert "Performance has regressed" in slower.stderr.str() + slower.stdout.str()
    assert saved.exists()


def test_a_storage_of_the_users_own_is_left_alone(tree):
    tree.run("--benchmark-save", "first", "--benchmark-storage", "elsewhere")
    assert list(tree.root.glob("elsewhere/*/0001_first.json"))
    assert not (tree.root / "results" / "here" / "pytest-benchmark").exists()


def test_saved_runs_of_another_machine_are_compared_with_a_warning(tree, pytester):
    tree.run("--benchmark-save", "first")
    (saved,) = tree.root.glob("results/here/pytest-benchmark/*/0001_first.json")
    saved.write_text(saved.read_text().replace("Some CPU", "Another CPU"))
    (tree.root / "deep").mkdir()
    os.chdir(tree.root / "deep")  # the storage lies outside of the current folder
    result = pytester.runpytest_subprocess(
        "--bench-suite=../suites/tiny.yaml",
        "--bench-root=..",
        "--bench-replay=../recording.jsonl",
        "--benchmark-compare",
        *QUIET,
    )
    result.assert_outcomes(passed=4)
    result.stderr.fnmatch_lines(["*machine_info is different*Another CPU*"])


def test_nothing_is_left_where_nothing_is_saved(tree):
    before = tree.files()
    tree.run()
    assert tree.files() == before


def test_other_groups_and_a_profiler_work_too(tree):
    result = tree.run("--benchmark-group-by=param:variant", "--benchmark-cprofile=cumtime", "--benchmark-disable-gc")
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["*benchmark 'variant=notebook': 2 tests*"])


@pytest.mark.parametrize(
    ("arguments", "outcome"),
    [
        (["--benchmark-only"], {"passed": 4}),
        (["--benchmark-skip", "--benchmark-only"], {"passed": 4}),
        (["--benchmark-disable", "--benchmark-enable"], {"passed": 4}),
        (["-o", "addopts=--benchmark-skip"], {"passed": 4}),
        (["-o", "addopts=--benchmark-disable"], {"passed": 4}),
        (["-x", "--bench-slow-down", "simple_cnn/*=1.2"], {"failed": 1}),
    ],
    ids=" ".join,
)
def test_options_of_pytest_benchmark_do_what_they_say(tree, arguments, outcome):
    tree.run(*arguments).assert_outcomes(**outcome)
