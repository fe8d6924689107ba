"""Suites whose data is an input pipeline of the user's own, the whole way."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from bench.cli.app import app
from bench.errors import InputError
from bench.results.journal import Journal, journal_path
from bench.results.record import Record

SUITE = """
data: {pipeline: "own_pipelines:texts", validation: "own_pipelines:texts_held_out", unit: {tokens: 6}}
models:
  towers: {network: "own_pipelines:two_towers"}
  segmenting: {network: "own_pipelines:segmenting", data: {pipeline: "own_pipelines:photos", args: {folder: FOLDER}}}
variants: {notebook: {}, parallel: {map: autotune}, bytes: {pixels: uint8}}
batch_sizes: [8]
protocol: {max_seconds: 0.3, min_seconds: 0.1, warmup_seconds: 0.1, window_seconds: 0.02}
"""
TRAINED = """
data: {pipeline: "own_pipelines:photos", args: {folder: FOLDER}, validation: "own_pipelines:photos"}
models: {segmenting: {network: "own_pipelines:segmenting"}}
variants: [notebook]
batch_sizes: [8]
protocol: {max_seconds: 0.3, min_seconds: 0.1, warmup_seconds: 0.1, window_seconds: 0.02}
train: {epochs: 2, steps_per_epoch: 3}
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory, checkout):
    folder = tmp_path_factory.mktemp("own")
    source = (checkout / "tests" / "workload" / "own_pipelines.py").read_text()
    (folder / "own_pipelines.py").write_text(source)
    (folder / "photos").mkdir()
    code = "import own_pipelines; own_pipelines.write_photos('photos')"
    subprocess.run([sys.executable, "-c", code], cwd=folder, check=True, capture_output=True)
    for name, text in (("mine", SUITE), ("trained", TRAINED)):
        (folder / f"{name}.yaml").write_text(text.replace("FOLDER", str(folder / "photos")))
    return folder


def run(tree, name, *more):
    done = CliRunner().invoke(app, ["run", str(tree / f"{name}.yaml"), "--root", str(tree), *more])
    found = {}
    for path in (tree / "results").glob(f"*/{name}.jsonl"):
        for record in Journal(journal_path(tree, path.parent.name, name), Record).read().records:
            found.setdefault(record.cell, record)
    return done, found


@pytest.mark.long
def test_any_elements_are_measured_by_the_models_own_fit(tree):
    done, found = run(tree, "mine")
    assert done.exit_code == 0, done.stderr
    towers = found["towers/notebook/b8"]
    assert towers.ok
    assert towers.data.train_images == 40
    assert towers.accuracy.held_out_images == 12
    assert {one.name: one.better for one in towers.judged.metrics}["auc"] == "higher"
    assert towers.values["macs_per_image"] == 3 * 4 + 8
    photos = found["segmenting/notebook/b8"]
    assert photos.ok
    assert photos.accuracy is None
    assert photos.judged.main.name == "binary_io_u"
    assert found["segmenting/parallel/b8"].ok
    assert "leaves no map" in found["towers/parallel/b8"].failure.message
    assert "images in arrays" in found["towers/bytes/b8"].failure.message
    assert "tokens/s" in done.stdout


@pytest.mark.long
def test_one_is_trained_by_its_loss_where_it_has_no_accuracy(tree):
    done, found = run(tree, "trained")
    assert done.exit_code == 0, done.stderr
    record = found["segmenting/notebook/b8"]
    assert [(epoch.steps, epoch.accuracy) for epoch in record.history] == [(3, None)] * 2
    assert all(epoch.val_loss > 0 for epoch in record.history)
    assert (record.judged.held_out_examples, record.judged.steps) == (24, 6)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (["data.pipeline=own_pipelines:nothing"], "own_pipelines:nothing returned None"),
        (
            ["data.pipeline=own_pipelines:photos", "data.args={folder: photos}", "data.validation=null"],
            "can't be trained on the elements of",
        ),
        (["models.towers.network=own_pipelines:uncompiled"], "isn't compiled"),
        (["models.towers.network=simple_cnn"], "takes images and gives classes"),
        (["data={pipeline: 'own_pipelines:batched', batched: true}"], "gives batches of 5, and the suite asks for 8"),
        (["data.subset=[1]"], "'subset' says which images"),
        (["data={name: digits, unit: {tokens: 6}}"], "'unit' goes with 'pipeline' only"),
    ],
)
def test_what_does_not_go_together_is_told_before_anything_runs(tree, monkeypatch, changes, told):
    monkeypatch.chdir(tree)
    sets = [word for change in changes for word in ("--set", change)]
    before = sorted(tree.glob("results/*/*.jsonl"))
    done, _ = run(tree, "mine", "--only", "towers/*", *sets)
    assert isinstance(done.exception, InputError)
    assert told in str(done.exception)
    assert sorted(tree.glob("results/*/*.jsonl")) == before


@pytest.mark.long
def test_a_preview_knows_it_too(tree):
    done = CliRunner().invoke(app, ["run", str(tree / "trained.yaml"), "--root", str(tree), "--dry-run", "--json"])
    assert done.exit_code == 0, done.stderr
    assert "segmenting/notebook/b8" in json.dumps(json.loads(done.stdout))
