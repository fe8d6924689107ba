"""Files of weights as a stranger might write them: only plain arrays of the network's own shapes are taken."""

import json
import os
import zipfile

import h5py
import keras
import numpy as np
import pytest
from keras import layers

from bench.errors import InputError
from bench.workload.checkpoint import Checkpoint
from bench.workload.saved_model import keep
from bench.workload.weights_file import load_weights

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's own

KERNEL = "layers/dense/vars/0"


def network(units=3):
    return keras.Sequential([keras.Input((6,)), layers.Dense(units), layers.BatchNormalization()])


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """A file of weights, and what its first array holds."""
    model = network()
    path = tmp_path_factory.mktemp("good") / "m.keras"
    keep(model, path)
    return path, model.get_weights()[0]


@pytest.fixture
def changed(good, tmp_path):
    """A copy of the file after `change` was called with its weights as an open HDF5 file; None: with none."""

    def make(change, **entries):
        with zipfile.ZipFile(good[0]) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()} | entries
        inner = tmp_path / "inner.h5"
        inner.write_bytes(parts["model.weights.h5"])
        if change is not None:
            with h5py.File(inner, "r+") as file:
                change(file)
        parts["model.weights.h5"] = inner.read_bytes()
        with zipfile.ZipFile(tmp_path / "m.keras", "w") as archive:
            for name, content in parts.items():
                archive.writestr(name, content)
        return tmp_path / "m.keras"

    return make


@pytest.fixture
def load(tmp_path):
    """The weights of a fresh network once a file was loaded into it; or why it wasn't."""

    def into(path, units=3):
        model, scratch = network(units), tmp_path / "scratch"
        scratch.mkdir(exist_ok=True)
        before = model.get_weights()
        try:
            load_weights(keras.Model(model.inputs, model.outputs), path, scratch)
        except InputError as error:
            assert all(np.array_equal(one, other) for one, other in zip(before, model.get_weights(), strict=True))
            return str(error)
        finally:
            assert not list(scratch.iterdir())
        return model.get_weights()

    return into


def put(array):
    """Lay `array`, a dataset's maker, where the kernel was."""

    def change(file):
        del file[KERNEL]
        group, _, name = KERNEL.rpartition("/")
        array(file[group], name)

    return change


def elsewhere(tmp_path):
    """Another HDF5 file, with a kernel that would fit."""
    with h5py.File(tmp_path / "elsewhere.h5", "w") as file:
        file["kernel"] = np.full((6, 3), 7, np.float32)
    return tmp_path / "elsewhere.h5"


def test_what_was_kept_comes_back(good, load):
    path, kernel = good
    np.testing.assert_array_equal(load(path)[0], kernel)


def test_wider_numbers_come_back_too(good, changed, load):
    wide = put(lambda group, name: group.create_dataset(name, data=good[1].astype(np.float64)))
    np.testing.assert_array_equal(load(changed(wide))[0], good[1])


@pytest.mark.parametrize(
    "description",
    [
        {"module": "stranger_trap", "class_name": "Fire", "config": {}, "registered_name": None},
        {"module": "keras.layers", "class_name": "Lambda", "config": {"name": "l", "function": "stranger_trap:fire"}},
        {"module": "builtins", "class_name": "function", "config": "print", "registered_name": "function"},
    ],
)
def test_the_description_of_a_network_in_the_file_is_not_looked_at(
    description, good, changed, load, tmp_path, monkeypatch
):
    (tmp_path / "stranger_trap.py").write_text(f"open({str(tmp_path / 'fired')!r}, 'w').close()\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    path = changed(None, **{"config.json": json.dumps(description), "metadata.json": "{", "assets/../../x": "x"})
    np.testing.assert_array_equal(load(path)[0], good[1])
    assert not (tmp_path / "fired").exists()


def test_links_and_storage_in_other_files_are_refused(changed, load, tmp_path):
    other = str(elsewhere(tmp_path))
    (tmp_path / "raw").write_bytes(np.full((6, 3), 7, np.float32).tobytes())
    source = h5py.VirtualSource(other, "kernel", shape=(6, 3))
    layout = h5py.VirtualLayout((6, 3), np.float32)
    layout[:] = source
    makers = {
        f"{KERNEL} is a link": [
            lambda group, name: group.__setitem__(name, h5py.ExternalLink(other, "kernel")),
            lambda group, name: group.__setitem__(name, h5py.SoftLink("/layers/dense/vars/1")),
        ],
        f"{KERNEL} isn't stored in the file as it is": [
            lambda group, name: group.create_virtual_dataset(name, layout),
            lambda group, name: group.create_dataset(
                name, (6, 3), np.float32, external=[(str(tmp_path / "raw"), 0, h5py.h5f.UNLIMITED)]
            ),
        ],
    }
    for words, several in makers.items():
        for maker in several:
            assert words in load(changed(put(maker)))


def test_a_whole_group_may_be_no_link_either(changed, load):
    def change(file):
        file.move("layers", "hidden")
        file["layers"] = h5py.SoftLink("/hidden")

    assert "layers/batch_normalization/vars/0 is a link" in load(changed(change))


def test_sizes_that_are_only_claimed_are_refused_before_anything_is_read(changed, load):
    def claimed(group, name):
        group.create_dataset(name, (10**6, 10**6), np.float32, chunks=(1000, 1000))

    def empty(group, name):
        made = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        made.set_alloc_time(h5py.h5d.ALLOC_TIME_LATE)
        space = h5py.h5s.create_simple((6, 3))
        h5py.h5d.create(group.id, name.encode(), h5py.h5t.IEEE_F32LE, space, made)

    def packed(group, name):
        group.create_dataset(name, data=np.zeros((6, 3), np.float32), chunks=(6, 3), compression="gzip")

    assert f"{KERNEL} isn't stored in the file as it is" in load(changed(put(claimed)))
    assert f"not all of {KERNEL} is there" in load(changed(put(empty)))
    assert f"{KERNEL} isn't stored in the file as it is" in load(changed(put(packed)))


def test_other_kinds_and_shapes_are_told_from_the_networks(good, changed, load):
    def texts(group, name):
        group.create_dataset(name, data=np.full((6, 3), b"x", "S9"))

    def nothing(group, name):
        group.create_dataset(name, data=h5py.Empty("f"))

    assert "layers/batch_normalization/vars/0 is 3 and not 4" in load(good[0], units=4)
    assert f"{KERNEL} is 2×3 and not 6×3" in load(
        changed(put(lambda group, name: group.create_dataset(name, data=np.ones((2, 3), np.float32))))
    )
    assert f"{KERNEL} isn't of float32" in load(changed(put(texts)))
    assert f"{KERNEL} is nothing and not 6×3" in load(changed(put(nothing)))
    assert f"there is no {KERNEL}" in load(changed(put(lambda *_: None)))
    assert f"{KERNEL} is no array" in load(changed(put(lambda group, name: group.create_group(name))))


def test_archives_that_are_none(good, changed, load, tmp_path):
    whole = good[0].read_bytes()
    short = tmp_path / "short.keras"
    for content in (b"", whole[:100], whole[: len(whole) // 2], b"{}"):
        short.write_bytes(content)
        assert "the file is damaged: BadZipFile" in load(short)
    damaged = tmp_path / "damaged.keras"
    damaged.write_bytes(whole.replace(b"\x89HDF", b"\x89HDG"))
    assert "the file is damaged: BadZipFile: Bad CRC-32" in load(damaged)
    with zipfile.ZipFile(tmp_path / "bare.keras", "w") as archive:
        archive.writestr("config.json", "{}")
    assert "the archive holds no model.weights.h5" in load(tmp_path / "bare.keras")
    with zipfile.ZipFile(tmp_path / "packed.keras", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model.weights.h5", b"\0" * 10**6)
    assert "model.weights.h5 is compressed, which Keras never does" in load(tmp_path / "packed.keras")
    large = changed(None)
    os.truncate(large, 10**12)  # holes, and no bytes
    assert "the file has 1,000,000,000,000 bytes, and theirs can't be more than" in load(large)


class Fires:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (self.path, "w")


def test_a_checkpoint_is_arrays_of_numbers_and_nothing_else_is_unpickled(tmp_path):
    fired = tmp_path / "fired"
    arrays = {"told": np.array([Fires(str(fired))], object), "state0": np.zeros(3)}
    np.savez(tmp_path / "training.npz", **arrays)
    assert Checkpoint(tmp_path).load(2**20) is None
    told = np.frombuffer(json.dumps({"history": [], "resumed_after": []}).encode(), np.uint8)
    np.savez(tmp_path / "training.npz", told=told, state0=np.array([Fires(str(fired))], object))
    assert Checkpoint(tmp_path).load(2**20) is None
    assert not fired.exists()
