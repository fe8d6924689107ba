"""What is wrong with an archive is said, and never passed over."""

from __future__ import annotations

import io
import pickle
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench.errors import InputError
from bench.suite.spec import DataSpec
from bench.workload.data import load

SPEC = DataSpec(name="cifar100", held_out=0)


def read(published, data_dir: Path):
    return load(SPEC, data_dir=data_dir, strict=False, folder=Path(), archives=published.table)


@pytest.mark.parametrize("end", [0, 1, 5000, -1])
def test_a_truncated_archive_has_the_wrong_checksum(cifar100, tmp_path, end):
    path = tmp_path / "cifar-100-python.tar.gz"
    published = cifar100.pack(path)
    path.write_bytes(path.read_bytes()[:end])
    with pytest.raises(InputError) as caught:
        read(published, tmp_path)
    assert f"{path}: cifar-100-python.tar.gz is truncated or changed" in str(caught.value)
    assert published.archive.md5 in str(caught.value)


def test_a_changed_byte_has_the_wrong_checksum(cifar100, tmp_path):
    path = tmp_path / "cifar-100-python.tar.gz"
    published = cifar100.pack(path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(InputError, match="truncated or changed"):
        read(published, tmp_path)


@pytest.mark.parametrize("end", [0, 10, 5000, -100_000])
def test_a_stream_that_ends_early_is_an_error_even_with_its_checksum(cifar100, tmp_path, end):
    path = tmp_path / "cifar-100-python.tar.gz"
    cifar100.pack(path)
    content = path.read_bytes()[:end]
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"can't be unpacked|missing in it"):
        read(cifar100.known_as(content), tmp_path)


def test_what_is_no_archive_is_an_error(cifar100, tmp_path):
    path = tmp_path / "cifar-100-python.tar.gz"
    path.write_bytes(b"<html>not found</html>")
    with pytest.raises(InputError, match="can't be unpacked"):
        read(cifar100.known_as(path.read_bytes()), tmp_path)


def test_a_member_missing_in_the_archive_is_named(cifar100, tmp_path):
    path = tmp_path / "cifar-100-python.tar.gz"
    less = replace(cifar100, members={name: raw for name, raw in cifar100.members.items() if name != "test"})
    with pytest.raises(InputError, match="cifar-100-python/test missing in it"):
        read(less.pack(path), tmp_path)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE])
def test_a_member_that_is_no_file_is_refused(cifar100, tmp_path, kind):
    path = tmp_path / "cifar-100-python.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        entry = tarfile.TarInfo("cifar-100-python/train")
        entry.type, entry.linkname = kind, "/etc/hostname"
        tar.addfile(entry)
    with pytest.raises(InputError, match="cifar-100-python/train in it is no file"):
        read(cifar100.known_as(path.read_bytes()), tmp_path)


def test_other_members_are_not_even_read(cifar100, tmp_path):
    path = tmp_path / "cifar-100-python.tar.gz"
    more = replace(cifar100, members={**cifar100.members, "../../escape": b"x", "meta": b"no pickle"})
    assert read(more.pack(path), tmp_path).info.name == "cifar100"
    assert sorted(tmp_path.iterdir()) == [path]


def test_a_longer_pickle_than_is_read_is_refused(cifar100, tmp_path):
    folder = cifar100.unpack(tmp_path / "cifar-100-python")
    with (folder / "train").open("r+b") as file:
        file.truncate(2**28 + 1)
    with pytest.raises(InputError, match=r"train: is larger than the 256 MiB that are read"):
        read(cifar100, tmp_path)


def test_a_folder_may_hold_fewer_images_and_newer_pickles(cifar100, tmp_path):
    folder = cifar100.unpack(tmp_path / "cifar-100-python")
    labels = [np.int64(5), np.int64(99), np.int64(0)]
    content = {"data": cifar100.train_images[:3].transpose(0, 3, 1, 2).reshape(3, 3072), "fine_labels": labels}
    (folder / "train").write_bytes(pickle.dumps(content, protocol=5))
    dataset = read(cifar100, tmp_path)
    assert np.array_equal(dataset.train.images, cifar100.train_images[:3])
    assert dataset.train.labels.tolist() == [5, 99, 0]
    assert dataset.train.labels.dtype == np.int64


IMAGES = np.zeros((4, 3072), np.uint8)
FAULTS = {
    "no dict": ([1, 2], "no entry `data`"),
    "no data": ({b"fine_labels": [0]}, "no entry `data`"),
    "no labels": ({b"data": IMAGES}, "no entry `fine_labels`"),
    "fewer pixels": ({b"data": IMAGES[:, 1:], b"fine_labels": [0] * 4}, r"`data` is uint8 \[4, 3071\]"),
    "one axis": ({b"data": IMAGES[0], b"fine_labels": [0] * 4}, r"`data` is uint8 \[3072\]"),
    "three axes": ({b"data": IMAGES[..., None], b"fine_labels": [0] * 4}, r"`data` is uint8 \[4, 3072, 1\]"),
    "floats": ({b"data": IMAGES.astype(float), b"fine_labels": [0] * 4}, r"`data` is float64 \[4, 3072\]"),
    "a list": ({b"data": [[0] * 3072] * 4, b"fine_labels": [0] * 4}, "`data` is a list"),
    "fewer labels": ({b"data": IMAGES, b"fine_labels": [0] * 3}, "4 images but 3 labels"),
    "no integers": ({b"data": IMAGES, b"fine_labels": [0.5] * 4}, r"`fine_labels` is float64 \[4\]"),
    "text": ({b"data": IMAGES, b"fine_labels": b"0000"}, "`fine_labels` is"),
    "uneven": ({b"data": IMAGES, b"fine_labels": [[0], [0, 1], [2], [3]]}, "`fine_labels` is"),
    "too high": ({b"data": IMAGES, b"fine_labels": [0, 1, 2, 100]}, r"labels from 0 to 100; they must lie in 0\.\.99"),
    "negative": ({b"data": IMAGES, b"fine_labels": [0, 1, 2, -1]}, r"labels from -1 to 2"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_pickle_of_another_form_is_an_error(cifar100, tmp_path, fault):
    folder = cifar100.unpack(tmp_path / "cifar-100-python")
    content, said = FAULTS[fault]
    (folder / "train").write_bytes(pickle.dumps(content))
    with pytest.raises(InputError, match=said) as caught:
        read(cifar100, tmp_path)
    assert str(caught.value).startswith(f"{folder}/train: ")


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.99])
def test_a_truncated_pickle_is_an_error(cifar100, tmp_path, keep):
    folder = cifar100.unpack(tmp_path / "cifar-100-python")
    whole = cifar100.members["test"]
    (folder / "test").write_bytes(whole[: int(len(whole) * keep)])
    with pytest.raises(InputError, match="a damaged pickle"):
        read(cifar100, tmp_path)


def test_the_held_out_images_are_the_last_in_the_archives_order(cifar100, tmp_path):
    cifar100.unpack(tmp_path / "cifar-100-python")
    spec = DataSpec(name="cifar100", subset=(3, 50, 99, 7), held_out=0.4)
    dataset = load(spec, data_dir=tmp_path, strict=True, folder=Path())
    kept = np.isin(cifar100.train_labels, [3, 50, 99, 7])
    assert kept.sum() == dataset.info.train_images + dataset.info.held_out_images
    n = int(kept.sum() * 6 / 10)
    assert np.array_equal(dataset.train.images, cifar100.train_images[kept][:n])
    assert np.array_equal(dataset.held_out.images, cifar100.train_images[kept][n:])
    assert np.array_equal(dataset.held_out.labels, cifar100.train_labels[kept][n:])
    assert dataset.info.subset == (3, 7, 50, 99)
    assert dataset.info.classes == 100
    assert set(dataset.test.labels) <= {3, 7, 50, 99}


def test_nothing_left_to_train_on_is_an_error(cifar100, tmp_path):
    content = {b"data": IMAGES[:1], b"fine_labels": [4]}
    folder = cifar100.unpack(tmp_path / "cifar-100-python")
    (folder / "train").write_bytes(pickle.dumps(content))
    spec = DataSpec(name="cifar100", subset=(5,))
    with pytest.raises(InputError, match="no image is left to train on"):
        load(spec, data_dir=tmp_path, strict=True, folder=Path())


def test_tar_without_gzip_is_no_archive(cifar100, tmp_path):
    path = tmp_path / "cifar-100-python.tar.gz"
    buffer = io.BytesIO()
    tarfile.open(fileobj=buffer, mode="w").close()
    path.write_bytes(buffer.getvalue())
    with pytest.raises(InputError, match="can't be unpacked"):
        read(cifar100.known_as(path.read_bytes()), tmp_path)
