"""Small archives in the real form, as Python 2 wrote them."""

from __future__ import annotations

import hashlib
import io
import pickle
import struct
import tarfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from bench.workload.data.archives import ARCHIVES, Archive


class Python2Pickler(pickle._Pickler):
    """Protocol 2 with the `str` of Python 2: bytes without an encoding, for text too."""

    dispatch: ClassVar = dict(pickle._Pickler.dispatch)

    def save_string(self, value: bytes | str) -> None:
        raw = value.encode("latin1") if isinstance(value, str) else value
        head = b"U" + bytes([len(raw)]) if len(raw) < 256 else b"T" + struct.pack("<i", len(raw))
        self.write(head + raw)
        self.memoize(value)

    dispatch[bytes] = save_string
    dispatch[str] = save_string


def python2_pickle(value: Any) -> bytes:
    buffer = io.BytesIO()
    Python2Pickler(buffer, 2).dump(value)
    return buffer.getvalue().replace(b"cnumpy._core.multiarray\n", b"cnumpy.core.multiarray\n")


@dataclass(frozen=True)
class Published:
    """A small archive: what it holds, and how to lay it down."""

    archive: Archive
    members: dict[str, bytes]
    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray

    @property
    def table(self) -> dict[str, Archive]:
        return {**ARCHIVES, self.archive.name: self.archive}

    def unpack(self, folder: Path) -> Path:
        folder.mkdir(parents=True)
        for name, content in self.members.items():
            (folder / name).write_bytes(content)
        return folder

    def pack(self, path: Path) -> Published:
        """Write the archive; gives this with the MD5 and the size that it then has."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with tarfile.open(path, "w:gz") as tar:
            for name, content in self.members.items():
                entry = tarfile.TarInfo(f"{self.archive.folder}/{name}")
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
        return self.known_as(path.read_bytes())

    def known_as(self, content: bytes) -> Published:
        md5 = hashlib.md5(content).hexdigest()
        return replace(self, archive=replace(self.archive, md5=md5, size=len(content)))


def _published(name: str, train: int, test: int) -> Published:
    archive = replace(ARCHIVES[name], train_images=train, test_images=test)
    rng = np.random.default_rng(7)
    images = rng.integers(0, 256, (train + test, 32, 32, 3), dtype=np.uint8)
    labels = rng.permutation(np.arange(train + test) % archive.classes)
    planes = images.transpose(0, 3, 1, 2).reshape(-1, 3072)

    def pickled(rows: slice, batch: str) -> bytes:
        values = [int(label) for label in labels[rows]]
        return python2_pickle(
            {
                b"batch_label": batch.encode(),
                b"data": planes[rows],
                archive.label_key.encode(): values,
                b"coarse_labels": [value // 5 for value in values],
                b"filenames": [b"image_%d.png" % value for value in values],
            }
        )

    step = train // len(archive.train)
    members = {n: pickled(slice(i * step, (i + 1) * step), n) for i, n in enumerate(archive.train)}
    members |= {archive.test[0]: pickled(slice(train, None), "testing batch 1 of 1")}
    members |= {"meta": python2_pickle({b"label_names": [n.encode() for n in archive.label_names]})}
    return Published(archive, members, images[:train], labels[:train], images[train:], labels[train:])


@pytest.fixture
def cifar100() -> Published:
    return _published("cifar100", train=200, test=100)


@pytest.fixture
def cifar10() -> Published:
    return _published("cifar10", train=60, test=20)


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty Keras cache in place of the user's, and no BENCH_DATA_DIR."""
    home = tmp_path_factory.mktemp("keras")
    monkeypatch.setenv("KERAS_HOME", str(home))
    monkeypatch.delenv("BENCH_DATA_DIR", raising=False)
    return home / "datasets"
