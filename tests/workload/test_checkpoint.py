"""Checkpoints that are damaged, of something else, or not ours: the training begins anew, and says so."""

import json
import os
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from bench.suite.recipe import Phase, TrainSpec
from bench.support.partial_files import boot_mark
from bench.workload.checkpoint import Checkpoint
from bench.workload.trainer import Trainer
from tests.fuzz.campaign import campaign
from tests.fuzz.checkpoints import EPOCH, Checkpoints

MOST = 2**24


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    return Checkpoints(tmp_path_factory.mktemp("kept") / "checkpoint")


@pytest.fixture
def kept(given):
    """A checkpoint, whole."""
    given.checkpoint.path.unlink(missing_ok=True)
    given.checkpoint.path.write_bytes(given.packed(given.told))
    return given


def loaded(kept):
    warned = []
    saved = kept.checkpoint.load(MOST, warned.append)
    assert (saved is None) == bool(warned)
    return saved, warned


def trainer(kept, spec, steps=5, warn=print):
    built = SimpleNamespace(model=kept.model)
    material = SimpleNamespace(held_out=object(), steps=steps)
    return Trainer(built, spec, 0, material, kept.checkpoint, None, None, warn)


def test_hundreds_of_damaged_ones(given):
    answers = campaign("checkpoints", given.try_one, 200, seed=7)
    assert answers["damaged"] > 150
    assert answers["gone on with"] > 5


@pytest.mark.parametrize(
    "told",
    [
        {},
        [],
        None,
        {"history": [], "resumed_after": []},
        {"history": [{"epoch": 1, **EPOCH, "loss": float("nan")}], "resumed_after": []},
        {"history": [{"epoch": 1, **EPOCH, "loss": "1.0"}], "resumed_after": []},
        {"history": [[{"epoch": 1, **EPOCH}]], "resumed_after": []},
        {"history": [{"epoch": 2, **EPOCH}], "resumed_after": []},
        {"history": [{"epoch": 1, **EPOCH}], "resumed_after": [2]},
        {"history": [{"epoch": 1, **EPOCH}], "resumed_after": 1},
        {"history": [{"epoch": 1, **EPOCH}], "resumed_after": [], "more": 1},
        b"[" * 100_000,
        b"\xff",
        b"",
    ],
)
def test_what_is_told_of_no_training(kept, told):
    kept.checkpoint.path.write_bytes(kept.packed(told))
    saved, (warned,) = loaded(kept)
    assert saved is None
    assert warned.startswith(f"{kept.checkpoint.path}: the training that is kept there is damaged, and begins anew (")
    assert "\n" not in warned


def test_arrays_that_announce_terabytes_are_not_made(kept):
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000,)}"
    lead = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little")
    kept.checkpoint.path.write_bytes(kept.packed(kept.told, {"state0.npy": lead + header + bytes(64)}))
    saved, (warned,) = loaded(kept)
    assert saved is None
    assert "state0.npy is no array of numbers of its size" in warned


def test_a_file_larger_than_any_such_training_is_not_read(kept):
    os.truncate(kept.checkpoint.path, 2**40)  # a hole: nothing lies on the disk
    saved, (warned,) = loaded(kept)
    assert saved is None
    assert "larger than the 16,777,216 bytes" in warned


def test_objects_are_never_made(kept):
    written = {**kept.arrays, "state0": np.array([SimpleNamespace()], dtype=object)}
    with kept.checkpoint.path.open("wb") as file:
        np.savez(file, **written, told=np.frombuffer(json.dumps(kept.told).encode(), np.uint8))
    assert loaded(kept)[0] is None


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: path.symlink_to("/dev/zero")])
def test_what_is_no_file(given, make):
    path = given.checkpoint.path
    path.unlink()
    make(path)
    try:
        assert loaded(given)[0] is None
    finally:
        path.rmdir() if path.is_dir() else path.unlink()
        path.write_bytes(given.packed(given.told))


def test_none_at_all_is_nothing_to_tell(tmp_path):
    told = []
    assert Checkpoint(tmp_path / "none").load(MOST, told.append) is None
    assert told == []


@pytest.mark.parametrize("change", [{"shape": (4, 4)}, {"dtype": "float64"}])
def test_arrays_of_another_network_change_nothing(kept, change):
    other = np.ones(change.get("shape", kept.before[0].shape), change.get("dtype", "float32"))
    before = [variable.numpy() for variable in kept.model.variables]
    for name in ("state0", "best0"):
        arrays, kept.arrays = kept.arrays, {**kept.arrays, name: other}
        kept.checkpoint.path.write_bytes(kept.packed(kept.told))
        kept.arrays = arrays
        assert loaded(kept)[0].restore(kept.model) is False
    assert all((one == two.numpy()).all() for one, two in zip(before, kept.model.variables, strict=True))


@pytest.mark.parametrize(
    ("spec", "steps"),
    [
        (TrainSpec(epochs=1), 5),
        (TrainSpec(epochs=2), 6),
        (TrainSpec(epochs=2, phases=(Phase(name="other"),)), 5),
    ],
    ids=["too many epochs", "epochs of other steps", "other phases"],
)
def test_a_training_by_another_recipe_is_not_gone_on_with(kept, spec, steps):
    warned = []
    assert trainer(kept, spec, steps, warned.append)._saved() is None
    assert warned == [f"{kept.checkpoint.path}: the training that is kept there is of another recipe: it begins anew"]
    assert trainer(kept, TrainSpec(epochs=2))._saved().history[-1].epoch == 2


def test_it_is_not_written_where_a_link_leads(kept, tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("mine")
    checkpoint = Checkpoint(tmp_path / "kept")
    checkpoint.path.parent.mkdir()
    checkpoint.path.symlink_to(victim)
    checkpoint.path.with_name(f".training.npz.{boot_mark()}.new").symlink_to(victim)
    saved = kept.checkpoint.load(MOST)
    keras.utils.set_random_seed(0)
    assert checkpoint.save(kept.model, saved.history, (), None) is None
    assert victim.read_text() == "mine"
    assert checkpoint.load(MOST).restore(kept.model)
