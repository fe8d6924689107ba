"""The same cells on nodes of real clusters: real raylets, actors and processes. Cards alone are stand-ins."""

import json
import os
import sys
from pathlib import Path

import pytest

from tests import warm
from tests.run.cluster.clusters import DRIVER, card_node, raylets

PROTOCOL = "{precision: 0.9, max_seconds: 0.3, min_windows: 3, min_seconds: 0, warmup_seconds: 0, window_seconds: 0.02}"
HANDOUT = f"""\
data: {{name: synthetic, images: 400, test_images: 10}}
models: [simple_cnn]
variants: [notebook]
batch_sizes: [128]
protocol: {PROTOCOL}
"""
OWN = f"""\
data: {{name: synthetic, shape: [24, 24, 3], classes: 5, images: 400, test_images: 10}}
models: {{mine: {{network: 'my_models:dense'}}}}
variants: [notebook]
batch_sizes: [16]
protocol: {PROTOCOL}
"""
CODE = """\
import keras


def dense(input_shape, classes):
    layers = [keras.layers.Flatten(), keras.layers.Dense(classes, activation="softmax")]
    return keras.Sequential([keras.Input(input_shape), *layers])
"""


def run(tree, suite, *arguments, **environment):
    (tree / "suites").mkdir(exist_ok=True)
    (tree / "suites" / "cnn.yaml").write_text(suite)
    command = [sys.executable, "-m", "bench", "run", "suites/cnn.yaml", *arguments]
    return warm.run(command, cwd=tree, capture_output=True, text=True, env={**os.environ, **environment})


def records(tree):
    lines = [line for path in tree.glob("results/*/*.jsonl") for line in path.read_text().splitlines()]
    return {record["host"]: record for record in map(json.loads, lines)}


@pytest.fixture
def library(nvml_standin):
    return nvml_standin.folder


@pytest.mark.long
def test_three_cards_of_a_cluster_give_the_handouts_table_in_one_command(tmp_path, library):
    nodes = [
        card_node(library, "t4", "Tesla T4", "7.5", COLAB_GPU="1"),
        card_node(library, "p100", "Tesla P100-PCIE-16GB", "6.0", KAGGLE_KERNEL_RUN_TYPE="Batch"),
        card_node(library, "rtx-2080-ti", "NVIDIA GeForce RTX 2080 Ti", "7.5"),
    ]
    with raylets(nodes) as cluster:
        done = run(tmp_path, HANDOUT, "--executor", f"ray:{cluster.address}", **DRIVER)
    assert done.returncode == 0, done.stderr
    heading, _, network = done.stdout.split("## The handout's table\n\n")[1].splitlines()[:3]
    for card in ("Colab (Tesla T4), measured", "Kaggle (Tesla P100), measured", "RTX 2080 Ti, measured"):
        assert card in heading
    assert "–" not in network
    found = records(tmp_path)
    assert {*found} == {"colab-t4", "kaggle-p100", "rtx-2080-ti"}
    assert {record["executor"] for record in found.values()} == {"ray"}
    assert "t4: 1/1  simple_cnn/notebook/b128" in done.stderr  # progress names nodes


def test_a_cluster_of_its_own_comes_and_goes_with_the_command(tmp_path):
    tree, temporary, home = (tmp_path / name for name in ("tree", "temporary", "home"))
    for folder in (tree, temporary, home):
        folder.mkdir()
    (tree / "suites").mkdir()
    (tree / "suites" / "my_models.py").write_text(CODE)
    places = {"TMPDIR": str(temporary), "HOME": str(home)}
    done = run(tree, OWN, "--executor", "ray", "--json", OMP_NUM_THREADS="", RAY_ADDRESS="10.255.255.1:1", **places)
    assert done.returncode == 0, done.stderr
    (record,) = records(tree).values()
    assert (record["status"], record["executor"]) == ("ok", "ray")
    # the suite's code travelled, and is known by its content, not by its place
    assert record["workload"]["model"]["source"]
    # as a local run's: neither niceness, nor threads, nor the wish to be ended first
    before = {"oom_score_adj": Path("/proc/self/oom_score_adj").read_text().strip(), "niceness": str(os.nice(0))}
    for name in ("oom_score_adj", "niceness"):
        assert record["environment"].get(name, "0") == before[name]
    assert "OMP_NUM_THREADS" not in record["environment"] or record["environment"]["OMP_NUM_THREADS"] == ""
    assert not [*temporary.iterdir()]
    assert not [path for path in home.rglob("*") if "ray" in path.as_posix()]
    (row,) = json.loads(done.stdout)
    assert row["cell"] == record["cell"]
