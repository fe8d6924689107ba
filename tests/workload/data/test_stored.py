"""The copy of a data set that all processes of a run read."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from bench.errors import InputError
from bench.suite.spec import DataSpec
from bench.workload.data import load, store


@pytest.fixture(scope="module")
def digits():
    return load(DataSpec(name="digits"), data_dir=None, strict=True, folder=Path())


def test_too_little_room_is_told_before_anything_is_written(digits, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=2**20))
    folder = tmp_path / "bench-run" / "data-0"
    with pytest.raises(InputError, match=r"the copy of digits that all processes read takes 5\.3 MiB, and can't be"):
        store(digits, folder)
    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_told(digits, tmp_path):
    (tmp_path / "bench-run").write_text("a file where a folder should be")
    with pytest.raises(InputError, match=r"can't be written .*; make room there, or let TMPDIR name a folder"):
        store(digits, tmp_path / "bench-run" / "data-0")
