"""`bench describe`: its answer and nothing around it, and one line where there is none."""

import json
import os
import subprocess
import sys

import pytest

from bench.cli.main import main

NETWORKS = """
import sys
import keras
import tensorflow as tf
from keras import layers

def network(input_shape, classes, *others):
    parts = [keras.Input(input_shape), layers.Flatten(), *others, layers.Dense(classes, "softmax")]
    return keras.Sequential(parts)

def loud(input_shape, classes):
    print("built aloud")
    sys.stderr.write("and louder\\n")
    return network(input_shape, classes)

class Odd(layers.Layer):
    def call(self, x):
        return tf.numpy_function(lambda values: values, [x], tf.float32)

    def compute_output_spec(self, x):
        return keras.KerasTensor(x.shape, x.dtype)

def odd(input_shape, classes):
    return network(input_shape, classes, Odd())

def towers(input_shape, classes):
    x = keras.Input(input_shape)
    y = layers.Conv2D(4, 3, padding="same")(x)
    y = layers.Add()([y, layers.Conv2D(4, 3, padding="same")(y)])
    return keras.Model(x, layers.Dense(classes, "softmax")(layers.Flatten()(y)))

def raising(input_shape, classes):
    raise RuntimeError("one line\\nand another")

def leaving(input_shape, classes):
    sys.exit("enough")
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Networks of the user's own, in the current folder."""
    (tmp_path / "nets_described.py").write_text(NETWORKS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    sys.modules.pop("nets_described", None)


def described(*words, capfd):
    with pytest.raises(SystemExit) as ended:
        main(["describe", *words])
    return ended.value.code or 0, *capfd.readouterr()


def test_its_answer_stands_alone_whatever_a_build_and_tensorflow_say(own):
    environment = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    command = [sys.executable, "-m", "bench", "describe", "nets_described:loud", "--json", "--classes", "3"]
    done = subprocess.run(command, cwd=own, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["trainable_params"] == (32 * 32 * 3 + 1) * 3


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("raising", "bench: nets_described:raising can't be built: RuntimeError: one line"),
        ("leaving", "bench: nets_described:leaving can't be built: SystemExit: enough"),
    ],
)
def test_what_cannot_be_built_is_told_in_one_line(own, capfd, name, line):
    assert described(f"nets_described:{name}", capfd=capfd) == (2, "", f"{line}\n")


def test_what_cannot_be_counted_is_told_in_its_place(own, capfd):
    code, said, told = described("nets_described:odd", capfd=capfd)
    assert (code, told) == (0, "")
    assert len(said.splitlines()) == 6
    assert "forward multiply-adds                   –  (" in said.splitlines()[-1]


def test_layers_are_a_table_whose_sums_are_what_stands_above_it(own, capfd):
    code, said, told = described("nets_described:towers", "--layers", "--classes", "3", capfd=capfd)
    assert (code, told) == (0, "")
    sizes, table = said.split("\n\n", 1)
    assert table.startswith("### Layers of nets_described:towers\n")
    total = next(line for line in table.splitlines() if line.startswith("| in all")).split("|")
    assert total[5].strip() == sizes.splitlines()[1].split()[-1]
    assert "branch 2 of 2: a connection past the others" in table


def test_layers_for_programs_add_up(own, capfd):
    code, said, _ = described("nets_described:towers", "--layers", "--json", capfd=capfd)
    found = json.loads(said)
    assert code == 0
    assert sum(call["macs"] for call in found["layer_calls"]) == found["macs_per_image"]
    assert sum(call["trainable"] for call in found["layer_calls"]) == found["trainable_params"]
    assert sum(call["share"] for call in found["layer_calls"]) == pytest.approx(1)


def test_a_drawing_is_written_beside_the_answer(own, capfd):
    code, said, told = described("nets_described:towers", "--plot", "network.svg", "--json", capfd=capfd)
    assert (code, told) == (0, "bench: wrote network.svg\n")
    assert json.loads(said)["classes"] == 100
    assert "Conv2D 3×3, 4" in (own / "network.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["network.gif", "network", "svg"])
def test_a_drawing_of_another_form_is_refused_before_anything_is_built(own, capfd, name):
    code, said, told = described("nets_described:raising", "--plot", name, capfd=capfd)
    assert (code, said) == (2, "")
    assert told == f"bench: --plot {name}: nothing is drawn in that form; an ending of .svg, .png, .pdf\n"
