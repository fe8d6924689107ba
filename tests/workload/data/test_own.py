"""Data sets of the user's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.errors import InputError
from bench.suite.spec import DataSpec
from bench.workload.data import load

GOOD = """
import numpy as np
def load(n=20, *, width=9):
    rng = np.random.default_rng(0)
    def part(n):
        return rng.integers(0, 256, (n, 8, width, 1), dtype=np.uint8), (np.arange(n) % 5).astype({labels})
    return part(n), part(n // 2)
"""


def module(folder: Path, name: str, text: str) -> str:
    (folder / f"{name}.py").write_text(text)
    return name


def read(name: str, folder: Path, **spec):
    return load(DataSpec(name=name, **spec), data_dir=None, strict=True, folder=folder)


@pytest.mark.parametrize("labels", ["'uint8'", "'int32'", "int"])
def test_its_function_is_called_with_the_arguments(tmp_path, labels):
    name = module(tmp_path, f"own_good_{labels.strip(chr(39))}", GOOD.replace("{labels}", labels))
    dataset = read(f"{name}:load", tmp_path, args={"n": 40, "width": 7})
    info = dataset.info
    assert (info.name, info.requested, info.synthetic, info.classes) == (f"{name}:load", f"{name}:load", False, 5)
    assert (info.shape, info.train_images, info.held_out_images, info.test_images) == ((8, 7, 1), 34, 6, 20)
    assert dataset.train.labels.dtype == np.int64


def test_the_current_folder_is_searched_after_the_suites(tmp_path, monkeypatch):
    for place in ("suite", "here"):
        (tmp_path / place).mkdir()
    module(tmp_path / "here", "own_only_here", GOOD.replace("{labels}", "int"))
    module(tmp_path / "here", "own_both", "def load(): raise ValueError('the one here')")
    module(tmp_path / "suite", "own_both", GOOD.replace("{labels}", "int"))
    monkeypatch.chdir(tmp_path / "here")
    assert read("own_only_here:load", tmp_path / "suite").info.train_images == 17
    assert read("own_both:load", tmp_path / "suite").info.train_images == 17


def test_a_subset_and_the_keras_form_of_labels(tmp_path):
    text = (
        GOOD.replace("{labels}", "int")
        + "def column():\n    (x, y), (v, w) = load()\n    return (x, y[:, None]), (v, w)"
    )
    name = module(tmp_path, "own_column", text)
    dataset = read(f"{name}:column", tmp_path, subset=(1, 4), held_out=0)
    assert dataset.train.labels.tolist() == [1, 4] * 4
    assert (dataset.info.classes, dataset.info.subset) == (5, (1, 4))


def test_there_may_be_no_test_images(tmp_path):
    name = module(tmp_path, "own_no_test", GOOD.replace("{labels}", "int"))
    assert read(f"{name}:load", tmp_path, args={"n": 1}, held_out=0).info.test_images == 0


RETURNS = {
    "None": ["returned something else; it must return (train_images, train_labels), (test_images, test_labels)"],
    "(x, y)": ["returned something else"],
    "(x, y), (x, y), (x, y)": ["returned something else"],
    "([[1], [2, 3]], y), (x, y)": ["returned something else"],
    "(x / 255, y), (x, y)": ["training images are float64 [4, 8, 8, 3]; they must be uint8 [N, H, W, C]"],
    "(x[..., 0], y), (x, y)": ["training images are uint8 [4, 8, 8]"],
    "(x, y / 2), (x, y)": ["training labels are float64 [4]; they must be integers [N] or [N, 1]"],
    "(x, np.eye(4, dtype=int)), (x, y)": ["training labels are int64 [4, 4]"],
    "(x, 3), (x, y)": ["training labels are int64 []"],
    "(x, y - 1), (x, y)": ["training labels begin at -1; the first class is 0"],
    "(x, y[1:]), (x, y)": ["training: 4 images but 3 labels"],
    "(x[:0], y[:0]), (x, y)": ["no training images"],
    "(x, y), (x[:, 1:], y)": ["training and test images differ in shape: [8, 8, 3] and [7, 8, 3]"],
    "(x / 255, y - 1), (x, y / 2)": ["training images", "training labels", "test labels"],
    "(None, None), (x, y)": ["training images are object []", "training labels are object []"],
}


@pytest.mark.parametrize("returned", RETURNS)
def test_all_that_is_wrong_with_what_it_returns_is_said(tmp_path, returned):
    number = list(RETURNS).index(returned)
    text = f"import numpy as np\nx, y = np.zeros((4, 8, 8, 3), np.uint8), np.arange(4)\ndef load(): return {returned}"
    name = module(tmp_path, f"own_bad_{number}", text)
    with pytest.raises(InputError) as caught:
        read(f"{name}:load", tmp_path)
    assert len(caught.value.faults) == len(RETURNS[returned])
    for fault, said in zip(caught.value.faults, RETURNS[returned], strict=True):
        assert str(fault).startswith(f"{name}:load")
        assert said in str(fault)


def test_what_its_module_or_function_raises_is_said(tmp_path):
    with pytest.raises(InputError, match="own_absent can't be imported: ModuleNotFoundError: No module named"):
        read("own_absent:load", tmp_path)
    module(tmp_path, "own_syntax", "def load(:")
    with pytest.raises(InputError, match="own_syntax can't be imported: SyntaxError"):
        read("own_syntax:load", tmp_path)
    module(tmp_path, "own_raises", "def load(a): raise RuntimeError('no disk')\nlader = 3")
    with pytest.raises(InputError, match="own_raises:load raised RuntimeError: no disk"):
        read("own_raises:load", tmp_path, args={"a": 1})
    with pytest.raises(InputError, match=r"own_raises:load raised TypeError: .*unexpected keyword argument 'b'"):
        read("own_raises:load", tmp_path, args={"b": 1})
    with pytest.raises(InputError, match=r"own_raises has no function 'lod'; did you mean 'load'\?"):
        read("own_raises:lod", tmp_path)
    with pytest.raises(InputError, match="own_raises has no function 'lader'"):
        read("own_raises:lader", tmp_path)
