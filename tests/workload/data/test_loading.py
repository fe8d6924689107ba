"""What holds of every data set, and of what is stored and opened again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.errors import InputError
from bench.suite.spec import DataSpec
from bench.workload.data import DataSet, Split, load, open_stored, store
from bench.workload.data.dataset import digest, divide


def synthetic(**spec) -> DataSet:
    wanted = {"classes": 5, "images": 40, "test_images": 10, "shape": (8, 8, 1), **spec}
    return load(DataSpec(name="synthetic", **wanted), data_dir=None, strict=True, folder=Path())


def test_an_unknown_name_is_told_the_nearest():
    for name, right in {"cifar_100": "cifar100", "digit": "digits", "syntetic": "synthetic"}.items():
        with pytest.raises(InputError, match=f"no data set '{name}'; did you mean '{right}'"):
            load(DataSpec(name=name), data_dir=None, strict=False, folder=Path())


@given(st.integers(0, 300), st.integers(0, 99))
def test_the_last_share_is_held_out_as_it_is_written_in_decimals(n, percent):
    split = Split(np.zeros((n, 1, 1, 1), np.uint8), np.arange(n))
    train, held_out = divide(split, percent / 100)
    assert len(train) == n * (100 - percent) // 100
    assert [*train.labels, *held_out.labels] == list(range(n))


def test_the_digest_tells_images_labels_and_division_apart():
    base = synthetic()
    same = synthetic()
    assert base.info.digest == same.info.digest
    others = [synthetic(seed=1), synthetic(held_out=0.2), synthetic(subset=(0, 1)), synthetic(shape=(8, 4, 2))]
    assert len({base.info.digest, *(other.info.digest for other in others)}) == 5
    relabelled = Split(base.train.images, base.train.labels[::-1])
    assert digest(base.train) != digest(relabelled)
    assert len(base.info.digest) == 16


def test_what_is_stored_opens_the_same_without_being_read_into_memory(tmp_path):
    dataset = synthetic()
    store(dataset, tmp_path / "new" / "data")
    opened = open_stored(tmp_path / "new" / "data")
    assert opened.info == dataset.info
    for name in ("train", "held_out", "test"):
        kept, read = getattr(dataset, name), getattr(opened, name)
        assert np.array_equal(kept.images, read.images)
        assert np.array_equal(kept.labels, read.labels)
        assert isinstance(read.images, np.memmap)
        assert not read.images.flags.writeable
    assert digest(opened.train, opened.held_out, opened.test) == dataset.info.digest


def test_empty_parts_can_be_stored(tmp_path):
    dataset = load(DataSpec(name="digits", held_out=0), data_dir=None, strict=True, folder=Path())
    store(dataset, tmp_path)
    opened = open_stored(tmp_path)
    assert opened.held_out.images.shape == (0, 32, 32, 3)
    assert np.array_equal(opened.train.labels, dataset.train.labels)


def test_data_sets_need_neither_tensorflow_nor_keras():
    code = "import bench.workload.data, sys; sys.exit(bool({'tensorflow', 'keras'} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[3], check=True)
