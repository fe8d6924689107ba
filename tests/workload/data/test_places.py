"""Archives are found wherever they may lie, and the places are named where they aren't."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench.errors import InputError
from bench.suite.spec import DataSpec
from bench.workload.data import load
from bench.workload.data.places import keras_cache, places, shown

WHOLE = DataSpec(name="cifar100", held_out=0)
FILES = [
    "cifar-100-python.tar.gz",
    "cifar-100-python-target_archive",  # Keras 3.15
    "cifar-100-python_archive",
    "cifar-100-python.tar.gz_archive",  # get_file without a name
]
FOLDERS = [
    "cifar-100-python",  # Keras 2
    "cifar-100-python-target/cifar-100-python",
    "cifar-100-python/cifar-100-python",
    "cifar-100-python_extracted/cifar-100-python",
    "cifar-100-python.tar.gz/cifar-100-python",
]


def check(published, data_dir: Path | None) -> None:
    dataset = load(WHOLE, data_dir=data_dir, strict=True, folder=Path(), archives=published.table)
    assert np.array_equal(dataset.train.images, published.train_images)
    assert np.array_equal(dataset.train.labels, published.train_labels)
    assert np.array_equal(dataset.test.images, published.test_images)
    assert np.array_equal(dataset.test.labels, published.test_labels)
    assert (dataset.info.name, dataset.info.synthetic, dataset.info.reason) == ("cifar100", False, None)


@pytest.mark.parametrize("name", FILES)
def test_an_archive_is_found_in_the_keras_cache(cifar100, cache, name):
    check(cifar100.pack(cache / name), None)


@pytest.mark.parametrize("name", FOLDERS)
def test_an_unpacked_folder_is_found_in_the_keras_cache(cifar100, cache, name):
    cifar100.unpack(cache / name)
    check(cifar100, None)


@pytest.mark.parametrize(
    "form", ["folder with the file", "file", "file of any name", "folder with the folder", "folder"]
)
@pytest.mark.parametrize("by", ["option", "environment"])
def test_data_dir_takes_every_form(cifar100, tmp_path, monkeypatch, form, by):
    place = tmp_path / "d"
    if form == "folder with the file":
        cifar100 = cifar100.pack(place / "cifar-100-python.tar.gz")
    elif form.startswith("file"):
        place = place / ("cifar-100-python.tar.gz" if form == "file" else "cifar (1).tgz")
        cifar100 = cifar100.pack(place)
    elif form == "folder with the folder":
        cifar100.unpack(place / "cifar-100-python")
    else:
        place = cifar100.unpack(place / "mine")
    if by == "environment":
        monkeypatch.setenv("BENCH_DATA_DIR", str(place))
    check(cifar100, place if by == "option" else None)


def test_cifar10s_five_batches_are_joined_in_order(cifar10, cache):
    cifar10 = cifar10.pack(cache / "cifar-10-batches-py.tar.gz")  # Keras 2 named it so
    spec = DataSpec(name="cifar10", held_out=0)
    dataset = load(spec, data_dir=None, strict=True, folder=Path(), archives=cifar10.table)
    assert np.array_equal(dataset.train.images, cifar10.train_images)
    assert np.array_equal(dataset.train.labels, cifar10.train_labels)
    assert (dataset.info.classes, dataset.info.test_images) == (10, 20)


def test_the_option_comes_before_the_environment_and_that_before_the_cache(cifar100, cache, tmp_path, monkeypatch):
    good = cifar100.pack(tmp_path / "good" / "cifar-100-python.tar.gz")
    bad = tmp_path / "bad"
    bad.mkdir()
    (bad / "cifar-100-python.tar.gz").write_bytes(b"no archive")
    monkeypatch.setenv("BENCH_DATA_DIR", str(bad))
    check(good, tmp_path / "good")
    monkeypatch.setenv("BENCH_DATA_DIR", str(tmp_path / "good"))
    cache.mkdir()
    (cache / "cifar-100-python.tar.gz").write_bytes(b"no archive")
    check(good, None)


def test_a_data_dir_without_it_leads_on_to_the_next_place(cifar100, cache, tmp_path):
    (tmp_path / "train").mkdir()  # another data set's folders are no part of CIFAR
    check(cifar100.pack(cache / "cifar-100-python.tar.gz"), tmp_path)


def test_the_other_sets_archive_file_is_not_this_one(cifar10, cifar100, tmp_path):
    path = tmp_path / "cifar-10-python.tar.gz"
    cifar10.pack(path)
    spec = DataSpec(name="cifar100", subset=(3,))
    assert load(spec, data_dir=path, strict=False, folder=Path(), archives=cifar100.table).info.synthetic


def test_synthetic_stands_in_and_says_where_was_looked(cifar100, cache, tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setenv("BENCH_DATA_DIR", str(tmp_path / "elsewhere"))
    dataset = load(DataSpec(name="cifar100"), data_dir=tmp_path, strict=False, folder=Path(), archives=cifar100.table)
    info = dataset.info
    assert (info.name, info.requested, info.synthetic, info.classes) == ("synthetic", "cifar100", True, 100)
    assert (info.train_images, info.held_out_images, info.test_images) == (170, 30, 100)
    assert info.shape == (32, 32, 3)
    assert info.reason == (
        f"cifar100 was not found in {tmp_path} (--data-dir), {tmp_path / 'elsewhere'} (BENCH_DATA_DIR), "
        f"{cache} (the Keras cache)"
    )


def test_the_stand_in_has_the_published_numbers_and_the_same_subset():
    spec = DataSpec(name="cifar100", subset=2, team_seed=5)
    info = load(spec, data_dir=None, strict=False, folder=Path()).info
    assert (info.train_images, info.held_out_images, info.test_images, info.classes) == (850, 150, 200, 100)
    drawn = np.random.default_rng(5).choice(100, 2, replace=False)
    assert info.subset == tuple(sorted(drawn))


def test_strict_refuses_to_stand_in(cache):
    with pytest.raises(InputError) as caught:
        load(WHOLE, data_dir=None, strict=True, folder=Path())
    assert str(cache) in str(caught.value)
    assert "bench data fetch cifar100" in str(caught.value)
    assert "--data-dir" in str(caught.value)


def test_a_place_that_cannot_be_read_is_an_error(tmp_path, cifar100, monkeypatch):
    place = tmp_path / ("x" * 300)  # longer than a file system takes
    with pytest.raises(InputError, match="can't be read"):
        load(WHOLE, data_dir=place, strict=False, folder=Path(), archives=cifar100.table)


def test_places_that_are_named_and_not_there_are_all_told(tmp_path, cifar100, monkeypatch):
    monkeypatch.setenv("BENCH_DATA_DIR", "~nobody-of-this-name/data")
    with pytest.raises(InputError) as caught:
        load(WHOLE, data_dir=tmp_path / "absent", strict=False, folder=Path(), archives=cifar100.table)
    option, environment = map(str, caught.value.faults)
    assert option.startswith(f"--data-dir {tmp_path / 'absent'} can't be read: No such file or directory; ")
    assert environment.startswith("BENCH_DATA_DIR ~nobody-of-this-name/data can't be read: ")
    assert load(DataSpec(name="digits"), data_dir=None, strict=True, folder=Path()).info.name == "digits"


def test_a_place_named_twice_is_looked_in_once_and_in_its_first_turn(cache, tmp_path, monkeypatch):
    cache.mkdir()
    monkeypatch.setenv("BENCH_DATA_DIR", str(tmp_path))
    assert [str(place) for place in places(cache)] == [f"{cache} (--data-dir)", f"{tmp_path} (BENCH_DATA_DIR)"]


def test_home_is_shown_as_a_tilde(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert shown(tmp_path / ".keras") == "~/.keras"
    assert shown(Path("/data")) == "/data"
    monkeypatch.setenv("HOME", "/")
    assert shown(Path("/data")) == "/data"


def test_the_keras_cache_is_where_keras_has_it(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KERAS_HOME")
    assert keras_cache() == tmp_path / ".keras" / "datasets"


def test_an_unpacked_folder_with_pickles_missing_is_an_error(cifar10, cache):
    folder = cifar10.unpack(cache / "cifar-10-batches-py")
    (folder / "data_batch_3").unlink()
    with pytest.raises(InputError, match=r"cifar10 is incomplete: data_batch_3 missing"):
        load(DataSpec(name="cifar10"), data_dir=None, strict=False, folder=Path(), archives=cifar10.table)


def test_an_archive_comes_before_an_unpacked_folder_beside_it(cifar100, cache):
    cifar100.unpack(cache / "cifar-100-python")
    (cache / "cifar-100-python" / "test").write_bytes(b"damaged")
    check(cifar100.pack(cache / "cifar-100-python.tar.gz"), None)
    wrong = replace(cifar100.archive, md5="0" * 32)
    with pytest.raises(InputError, match="truncated or changed"):
        load(WHOLE, data_dir=None, strict=True, folder=Path(), archives={"cifar100": wrong})
