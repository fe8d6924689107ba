"""What the doctor says of data sets that are here, absent or damaged."""

import subprocess

import pytest

from bench.workload.data.doctor import data_checks
from bench.workload.data.places import keras_cache
from tests.trees import tree

NAMES = ["data: cifar100", "data: cifar10", "data: digits and synthetic"]
FOLDER = "cifar-100-python"


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.delenv("BENCH_DATA_DIR", raising=False)
    return keras_cache()


def test_what_is_absent_is_told_with_where_it_was_looked_for_and_how_to_get_it(cache):
    checks = data_checks()
    assert [one.what for one in checks] == NAMES
    assert [one.state for one in checks] == ["limited", "limited", "fine"]
    assert checks[0].found.startswith(f"not in {cache} (the Keras cache); synthetic images")
    assert checks[0].mend == (f"bench data fetch cifar100  # offline: put cifar-100-python.tar.gz into {cache}")
    assert not cache.exists()


def test_what_is_here_is_told_with_its_place(cache):
    tree(cache, {f"{FOLDER}/train": "", f"{FOLDER}/test": ""})
    check = data_checks()[0]
    assert (check.state, check.found, check.mend) == ("fine", str(cache / FOLDER), None)


@pytest.mark.parametrize(
    ("files", "place"), [({f"{FOLDER}.tar.gz": "short"}, f"{FOLDER}.tar.gz"), ({f"{FOLDER}/train": ""}, FOLDER)]
)
def test_what_a_run_would_refuse_is_broken_and_is_first_moved_away(cache, files, place):
    tree(cache, files)
    check, other, _ = data_checks()
    assert (check.state, other.state) == ("broken", "limited")
    assert str(cache / place) in check.found
    assert check.mend == f"mv {cache / place} {cache / place}.damaged && bench data fetch cifar100"
    subprocess.run(check.mend.partition(" && ")[0], shell=True, check=True)
    assert data_checks()[0].state == "limited"


def test_a_variable_that_names_no_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("BENCH_DATA_DIR", str(tmp_path / "gone"))
    (check,) = data_checks()
    assert (check.what, check.state, check.mend) == ("data: BENCH_DATA_DIR", "broken", "unset BENCH_DATA_DIR")
    assert str(tmp_path / "gone") in check.found


def test_a_cache_that_takes_nothing(monkeypatch, tmp_path):
    tree(tmp_path, {"keras": "a file"})
    check = data_checks()[0]
    assert f"{keras_cache()} can't be written" in check.found
    assert check.mend.startswith("bench data fetch cifar100 --to DIR")


def test_a_damaged_archive_that_the_environment_names_is_left_where_it_is(monkeypatch, tmp_path):
    tree(tmp_path, {"mine.tar.gz": "short"})
    monkeypatch.setenv("BENCH_DATA_DIR", str(tmp_path / "mine.tar.gz"))
    check = data_checks()[0]
    assert (check.state, check.mend) == ("broken", "unset BENCH_DATA_DIR && bench data fetch cifar100")
