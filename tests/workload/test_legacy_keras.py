"""Networks of Keras 2, which TF_USE_LEGACY_KERAS puts in the place of tf.keras: told at the model, and beforehand."""

import contextlib
import io

import pytest

from bench.cli.main import main
from bench.workload import legacy_keras

MIXED = """
import keras
import tensorflow as tf

def model(input_shape, classes):
    return tf.keras.Sequential(
        [tf.keras.layers.InputLayer(input_shape=input_shape), tf.keras.layers.Flatten(), tf.keras.layers.Dense(classes)]
    )

def layers(input_shape, classes):
    return keras.Sequential([keras.Input(input_shape), tf.keras.layers.Flatten(), tf.keras.layers.Dense(classes)])

def called(input_shape, classes):
    inputs = keras.Input(input_shape)
    return keras.Model(inputs, tf.keras.layers.Flatten()(inputs))

def inputs(input_shape, classes):
    inputs = tf.keras.Input(input_shape)
    return keras.Model(inputs, keras.layers.Flatten()(inputs))

def good(input_shape, classes):
    ends = [keras.layers.Flatten(), keras.layers.Dense(classes), keras.layers.Softmax()]
    return keras.Sequential([keras.Input(input_shape), *ends])

def optimizer(input_shape, classes):
    model = good(input_shape, classes)
    model.compile(optimizer=tf.keras.optimizers.Adam(), loss="sparse_categorical_crossentropy")
    return model

def loss(input_shape, classes):
    model = good(input_shape, classes)
    model.compile(optimizer="adam", loss=tf.keras.losses.SparseCategoricalCrossentropy())
    return model

class Unseen(keras.Model):
    def __init__(self, classes, listed):
        super().__init__()
        first = tf.keras.layers.Dense(5)
        self.first = [first] if listed else first
        self.last = keras.layers.Dense(classes)

def attribute(input_shape, classes):
    return Unseen(classes, False)

def listed(input_shape, classes):
    return Unseen(classes, True)

def nothing(input_shape, classes):
    pass

def broken(input_shape, classes):
    raise ValueError("something else")
"""
NAMES = "model layers called inputs good optimizer loss attribute listed nothing broken".split()
SET = (
    "Keras 2 (tf_keras) because TF_USE_LEGACY_KERAS is set; unset TF_USE_LEGACY_KERAS: cells are measured with Keras 3"
)


def refused(folder, suite, *arguments):
    """What `bench run` says on standard error where it refuses the suite, having run and written nothing."""
    (folder / "own.yaml").write_text(suite)
    out, err = io.StringIO(), io.StringIO()
    silent = contextlib.redirect_stdout(out), contextlib.redirect_stderr(err)
    with contextlib.chdir(folder), silent[0], silent[1], pytest.raises(SystemExit) as ended:
        main(["run", "own.yaml", *arguments])
    assert (ended.value.code, out.getvalue()) == (2, "")
    assert not (folder / "results").exists()
    return err.getvalue().splitlines()


@pytest.fixture(scope="module")
def legacy(tmp_path_factory):
    """What is said of each network, with the variable set; the model on line 3 of the suite comes first."""
    pytest.importorskip("tf_keras")
    folder = tmp_path_factory.mktemp("own")
    (folder / "mixed.py").write_text(MIXED)
    models = "".join(f"  {name}: {{network: 'mixed:{name}'}}\n" for name in NAMES)
    suite = f"data: digits\nmodels:\n{models}variants: {{notebook: {{}}}}\nbatch_sizes: [64]\n"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CUDA_VISIBLE_DEVICES", "")
        patch.setenv("TF_USE_LEGACY_KERAS", "1")
        lines = refused(folder, suite)
    found = {}
    for line in lines:
        place, _, said = line.removeprefix("bench: own.yaml:").partition(": ")
        found[NAMES[int(place) - 3]] = said
    assert len(found) == len(lines)
    return found


def test_a_model_of_keras_2_is_called_one_with_the_cause_and_what_mends_it(legacy):
    assert legacy["model"] == f"mixed:model gave a model of {SET}"


@pytest.mark.parametrize("name", ["layers", "called", "inputs", "optimizer"])
def test_what_keras_3_refuses_of_keras_2_is_told_with_the_cause(legacy, name):
    said = legacy[name]
    assert said.startswith(f"mixed:{name} can't be built: ")
    assert said.endswith(f"; it uses {SET}")
    assert "\n" not in said


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("attribute", "`first`, a Dense"),
        ("listed", "`first[0]`, a Dense"),
        ("loss", "`loss`, a SparseCategoricalCrossentropy"),
    ],
)
def test_what_keras_3_takes_and_would_not_train_is_refused(legacy, name, part):
    assert legacy[name] == f"mixed:{name} holds {part} of {SET}"


def test_what_has_nothing_to_do_with_it_is_told_as_ever(legacy):
    assert "good" not in legacy
    assert legacy["broken"] == "mixed:broken can't be built: ValueError: something else"
    assert legacy["nothing"].startswith(
        "mixed:nothing gave None; it is called as nothing(input_shape=(H, W, C), classes"
    )


def test_where_tf_keras_is_not_installed_that_is_told(monkeypatch):
    error = ImportError("Keras cannot be imported. Check that it is installed.")  # TensorFlow's words
    monkeypatch.setattr(legacy_keras, "_WAS_ON", True)
    monkeypatch.setenv("TF_USE_LEGACY_KERAS", "True")
    said = str(legacy_keras.failure("mixed:model", error, {}))
    assert said.startswith("mixed:model can't be built: ImportError: Keras cannot be imported")
    assert "because TF_USE_LEGACY_KERAS is set, and tf_keras can't be imported; unset TF_USE_LEGACY_KERAS" in said
    monkeypatch.delenv("TF_USE_LEGACY_KERAS")
    assert legacy_keras.failure("mixed:model", error, {}) is None


NET = """
import tensorflow as tf

def net(input_shape, classes):
    return tf.keras.Sequential([
        tf.keras.layers.InputLayer(input_shape=input_shape),
        tf.keras.layers.Flatten(),
        tf.keras.layers.Dense(classes, activation="softmax"),
    ])
"""
SUITE = """\
data: digits
models:
  plain: {network: "plain_code:net"}
  setting: {network: "setting_code:net"}
  direct: {network: "direct_code:net"}
variants:
  notebook: {}
  two: {env: {TF_USE_LEGACY_KERAS: "1"}}
batch_sizes: [64]
"""


def test_so_is_one_that_a_variant_sets_or_the_module_itself_and_tf_keras_without_it(tmp_path, monkeypatch):
    pytest.importorskip("tf_keras")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.delenv("TF_USE_LEGACY_KERAS", raising=False)
    (tmp_path / "plain_code.py").write_text(NET)
    (tmp_path / "setting_code.py").write_text("import os\nos.environ['TF_USE_LEGACY_KERAS'] = '1'\n" + NET)
    (tmp_path / "direct_code.py").write_text("import tf_keras\n" + NET.replace("tf.keras.", "tf_keras."))
    said = refused(tmp_path, SUITE, "--dry-run", "--only", "plain/*", "--only", "*/notebook")
    here = "gave a model of Keras 2 (tf_keras)"
    three, because = "cells are measured with Keras 3", "because TF_USE_LEGACY_KERAS is set"
    direct = f"{here}; build it with `keras` or `tf.keras`, and without `tf_keras`: {three}"
    setting = f"{here} {because} by code that it imports; leave that out, in setting_code: {three}"
    assert said == [
        f"bench: own.yaml:3: plain_code:net {here} {because} in the variant's `env`; leave it out there: {three}",
        f"bench: own.yaml:4: setting_code:net {setting}",
        f"bench: own.yaml:5: direct_code:net {direct}",
    ]
