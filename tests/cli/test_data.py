"""`bench data`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bench.cli.data import app
from bench.errors import InputError

NAMES = ["cifar100", "cifar10", "digits", "synthetic"]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.delenv("BENCH_DATA_DIR", raising=False)
    return tmp_path / "keras" / "datasets"


def said(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_it_lists_what_there_is_and_how_to_get_the_rest(cache):
    text = said()
    lines = text.splitlines()
    assert [line.split()[0] for line in lines[2:6]] == NAMES
    assert "not found" in lines[2]
    assert "50,000" in lines[2]
    assert "comes with the package" in lines[4]
    assert f"cifar100 was not found in {cache} (the Keras cache); get it with `bench data fetch cifar100`" in text


def test_programs_get_json(cache):
    listed = json.loads(said("--json"))
    assert [each["name"] for each in listed] == NAMES
    cifar100, _, digits, synthetic = listed
    assert cifar100["found"] is None
    assert str(cache) in cifar100["fault"]
    assert (cifar100["train_images"], cifar100["test_images"], cifar100["classes"]) == (50_000, 10_000, 100)
    assert (digits["train_images"], digits["test_images"], digits["fault"]) == (1500, 297, None)
    assert digits["shape"] == [32, 32, 3]
    assert synthetic["size"] is None


def test_an_unpacked_folder_and_a_damaged_archive_are_told_apart(tmp_path):
    folder = tmp_path / "cifar-100-python"
    folder.mkdir()
    for name in ("train", "test"):
        (folder / name).write_bytes(b"")
    (tmp_path / "cifar-10-python.tar.gz").write_bytes(b"1234")
    text = said("--data-dir", str(tmp_path))
    assert str(folder) in text.splitlines()[2]
    assert "damaged" in text.splitlines()[3]
    assert "4 bytes instead of 170,498,071; delete it" in text


def test_part_of_a_folder_is_damaged_too(cache):
    (cache / "cifar-100-python").mkdir(parents=True)
    (cache / "cifar-100-python" / "train").write_bytes(b"")
    listed = json.loads(said("--json"))
    assert (listed[0]["damaged"], listed[1]["damaged"]) == (True, False)
    assert "test missing" in listed[0]["fault"]


def test_a_data_dir_that_is_not_there_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match=r"--data-dir .*absent can't be read: No such file"):
        CliRunner().invoke(app, ["--data-dir", str(tmp_path / "absent")], catch_exceptions=False)


@pytest.mark.parametrize("name", ["digits", "cifar1000"])
def test_what_cannot_be_fetched_is_an_input_error(name, cache):
    with pytest.raises(InputError, match=name):
        CliRunner().invoke(app, ["fetch", name], catch_exceptions=False)
    assert not cache.exists()
