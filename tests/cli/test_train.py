"""Training to an accuracy from the outside: killed and gone on with, kept and judged; what is wrong is told first."""

import json
import signal
import subprocess
import sys
import time

import pytest

from tests import warm

SUITE = """\
data: digits
models: [simple_cnn]
variants: [notebook]
batch_sizes: [64]
protocol: {precision: 0.9, max_seconds: 0.3, min_windows: 3, min_seconds: 0, warmup_seconds: 0, window_seconds: 0.02}
train: {epochs: 8, restore_best: true, keep_weights: true, target_accuracy: 0.5}
"""

OWN = """\
import keras
from keras import layers


@keras.saving.register_keras_serializable("own")
class Doubled(layers.Layer):
    def call(self, images):
        return 2 * images


def build(input_shape, classes):
    return keras.Sequential(
        [keras.Input(input_shape), Doubled(), layers.Flatten(), layers.Dense(classes, activation="softmax")]
    )
"""
OWN_MODEL = "{name: own, network: 'own:build'}"


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "suites").mkdir()
    (tmp_path / "suites" / "tiny.yaml").write_text(SUITE)
    return tmp_path


def command(*arguments):
    return [sys.executable, "-m", "bench", *map(str, arguments)]


def bench(tree, *arguments):
    return warm.run(command(*arguments), cwd=tree, capture_output=True, text=True)


def run(tree, *arguments):
    return bench(tree, "run", "suites/tiny.yaml", *arguments)


def record(tree):
    (journal,) = tree.glob("results/*/tiny.jsonl")
    return json.loads(journal.read_text().splitlines()[-1])


def test_a_killed_training_goes_on_from_its_last_epoch_and_what_it_gave_can_be_judged_again(tree):
    running = warm.Popen(command("run", "suites/tiny.yaml"), cwd=tree, stderr=subprocess.DEVNULL)
    for _ in range(1200):
        if list(tree.glob("results/*/checkpoints/*/*/training.npz")):
            break
        time.sleep(0.05)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert not list(tree.glob("results/*/tiny.jsonl"))
    again = run(tree, "--resume")
    assert again.returncode == 0, again.stderr
    found = record(tree)
    (after,) = found["training"]["resumed_after"]
    assert 1 <= after <= 8
    assert [epoch["epoch"] for epoch in found["history"]] == list(range(1, 9))
    assert found["training"]["stopped_by"] == "epochs"
    assert not list(tree.glob("results/*/checkpoints"))
    assert found["accuracy"]["test_images"] == 297
    assert found["absent"]["energy_to_target_joules"]
    assert "0 cells on" in run(tree, "--resume").stderr

    judged = bench(tree, "evaluate", "/tiny", "--json")
    assert judged.returncode == 0, judged.stderr
    answer = json.loads(judged.stdout)
    assert answer["cells"][0]["average_test_accuracy"] == pytest.approx(found["accuracy"]["test"], abs=1e-6)
    assert answer["records"][0]["same_data"] is True
    (weights,) = tree.glob("results/*/weights/tiny/*.keras")
    weights.write_bytes(weights.read_bytes()[:100])
    broken = bench(tree, "evaluate", "/tiny")
    assert broken.returncode == 2
    assert f"{weights.name}: these aren't the weights of this network: the file is damaged" in broken.stderr
    weights.unlink()
    assert "not there any more" in bench(tree, "evaluate", "/tiny").stderr


def wrong(tree, *changes):
    done = run(tree, *(part for change in changes for part in ("--set", change)))
    assert done.returncode == 2, done.stdout + done.stderr
    assert not list(tree.glob("results/*"))
    return done.stderr


def test_what_is_wrong_with_a_training_is_told_before_anything_is_run(tree):
    assert "needs held-out images, and none are held out" in wrong(tree, "data.held_out=0.0")
    assert "'subset' asks for 11 classes of 10" in wrong(tree, "data.subset=11", "data.team_seed=0")
    assert "unknown optimizer 'sdg'; did you mean 'sgd'?" in wrong(tree, "train.optimizer=sdg")
    assert "no argument 'momentm'; did you mean 'momentum'?" in wrong(tree, "train.optimizer={name: sgd, momentm: 0.9}")
    assert "can't have momentum: 7" in wrong(tree, "train.optimizer={name: sgd, momentum: 7}")
    assert "can't take a step with beta_1: high" in wrong(tree, "train.optimizer={name: adam, beta_1: high}")
    assert "'table' names no column 'acuracy'; did you mean 'accuracy'?" in wrong(tree, "table=[acuracy]")
    assert (
        "--set batch_sizes=[64, 5000]: a batch of 5,000 is larger than the training data (1,275 images of digits"
        in (wrong(tree, "batch_sizes=[64, 5000]"))
    )


def test_what_only_the_network_knows_is_told_with_file_and_line(tree):
    (tree / "suites" / "tiny.yaml").write_text(
        SUITE.replace(
            "models: [simple_cnn]\n",
            "models:\n"
            "  deep:\n"
            "    network: VGG16\n"
            "    freeze: 40\n"
            "  wide: {network: Xception}\n"
            "  thawed: {network: MobileNet, train: {phases: [{name: a, epochs: 1, freeze: 900}]}}\n"
            "  large: {network: simple_cnn, train: {max_params: 1000}}\n"
            "  blocks: {network: convnet, args: {num_blocks: 0, size_filter: 2}}\n"
            "  pooled: {network: convnet, args: {num_blocks: 9}}\n"
            "  mine: {network: 'own:build', freeze: 1.0}\n",
        )
    )
    (tree / "suites" / "own.py").write_text(OWN)
    told = wrong(tree)
    assert "suites/tiny.yaml:5: freeze: 40 layers, but VGG16 has 19; at most 19" in told
    assert "suites/tiny.yaml:6: Xception can't take images of 32×32×3" in told
    assert "suites/tiny.yaml:7: phase 'a': freeze: 900 layers, but MobileNet has" in told
    assert "suites/tiny.yaml:8: large has 122,570 trainable parameters, and `max_params` allows 1,000" in told
    assert "suites/tiny.yaml:9: convnet: 'num_blocks' must be a whole number from 1, is 0" in told
    assert "suites/tiny.yaml:9: convnet: 'size_filter' must be an odd whole number from 1, is 2" in told
    assert "suites/tiny.yaml:10: convnet can't take images of 32×32×3: Computed output size would be zero" in told
    assert "suites/tiny.yaml:11: freeze: 1.0 leaves nothing of own:build to train" in told
    assert len(told.splitlines()) == 8


def test_what_is_wrong_with_the_suites_own_recipe_is_told_where_it_stands(tree):
    (tree / "suites" / "tiny.yaml").write_text(
        SUITE.partition("train:")[0] + "train:\n"
        "  epochs: 2\n"
        "  max_params: 100\n"
        "  optimizer: {name: adam, beta_1: high}\n"
        "  phases:\n"
        "    - {name: head, freeze: 1.0}\n"
        "    - name: rest\n"
        "      freeze: 50\n"
    )
    largest, optimizer, phase = (line.partition("tiny.yaml:")[2] for line in wrong(tree).splitlines())
    assert largest.startswith("8: simple_cnn has 122,570 trainable parameters, and `max_params` allows 100; ")
    assert optimizer.startswith("9: the optimizer adam can't take a step with beta_1: high: ")
    assert optimizer.endswith("Cast string to float is not supported")
    assert phase == "13: phase 'rest': freeze: 50 layers, but simple_cnn has 6; at most 6"


def test_a_dry_run_finds_the_same_and_says_how_long_it_would_take(tree):
    done = run(tree, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "simple_cnn/notebook/b64" in done.stdout
    assert "nothing was run" in done.stdout
    assert run(tree, "--dry-run", "--set", "train.max_params=10").returncode == 2


def test_weights_that_do_not_fit_are_refused(tree):
    make = (
        "import keras; from pathlib import Path; "
        "m = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)]); m.save_weights('suites/odd.weights.h5')"
    )
    warm.run([sys.executable, "-c", make], cwd=tree, check=True, capture_output=True)
    told = wrong(tree, "models={a: {network: simple_cnn, weights: odd.weights.h5}}")
    assert "the weights in odd.weights.h5 can't be put into simple_cnn: " in told
    assert "expected 2 variables" in told
    assert "there is no file 'none.weights.h5'" in wrong(
        tree, "models={a: {network: simple_cnn, weights: none.weights.h5}}"
    )


def test_own_layers_and_own_data_beside_the_suite_are_found_again(tree):
    folder = tree / "course"
    folder.mkdir()
    (folder / "own.py").write_text(OWN)
    (folder / "mine.py").write_text(
        "import numpy as np\n"
        "def load():\n"
        "    labels = np.arange(200) % 2\n"
        "    images = (labels[:, None, None, None] * 200 * np.ones((1, 8, 8, 1))).astype('uint8')\n"
        "    return (images, labels), (images[:50], labels[:50])\n"
    )
    suite = SUITE.replace("data: digits", "data: {name: 'mine:load'}").replace("[simple_cnn]", "['own:build']")
    (folder / "tiny.yaml").write_text(suite.replace("[64]", "[32]").replace("'own:build'", OWN_MODEL))
    done = bench(tree, "run", "course/tiny.yaml")
    assert done.returncode == 0, done.stderr
    lost = bench(tree, "evaluate", "/tiny")
    assert lost.returncode == 2
    assert "`--folder` names the folder where its suite lies" in lost.stderr
    judged = bench(tree, "evaluate", "/tiny", "--folder", "course", "--json")
    assert judged.returncode == 0, judged.stderr
    (answer,) = json.loads(judged.stdout)["records"]
    assert answer["test_accuracy"] == pytest.approx(record(tree)["accuracy"]["test"], abs=1e-6)
    assert answer["test_images"] == 50
    assert answer["test_loss"] is None
