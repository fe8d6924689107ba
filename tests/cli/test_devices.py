"""Several devices from the command line: two logical ones of the CPU, really trained on."""

import re

import pytest

from tests.cli.test_run import bench, laid_out, records

SUITE = """\
data: {name: synthetic, shape: [8, 8, 1], classes: 5, images: 400, test_images: 10}
models: {dense: {network: 'tiny_models:dense'}}
variants:
  one: {}
  shared: {devices: 2, logical_devices: on}
  each: {devices: 2, logical_devices: on, batch: per_replica}
  cards: {devices: 2}
batch_sizes: [16]
protocol: {precision: 0.9, max_seconds: 0.5, min_windows: 3, min_seconds: 0, warmup_seconds: 0, window_seconds: 0.02}
"""


@pytest.fixture
def tree(tmp_path):
    laid_out(tmp_path)
    (tmp_path / "suites" / "tiny.yaml").write_text(SUITE)
    return tmp_path


def test_a_cell_on_two_devices_is_measured_beside_plain_training(tree):
    done = bench(tree, "run", "suites/tiny.yaml", "--only", "*/[eoc]*")
    assert done.returncode == 0, done.stderr
    first = {one["variant"]: one for one in reversed(records(tree))}
    told = {name: one["status"] for name, one in first.items()}
    assert told == {"one": "ok", "each": "ok", "cards": "skipped"}
    assert "`logical_devices: on`" in first["cards"]["failure"]["message"]
    assert (first["each"]["options"]["strategy"], first["each"]["values"]["retraces"]) == ("mirrored", 0)
    (told,) = [line for line in done.stderr.splitlines() if "dense/each/b16" in line]
    step, rate = (float(re.search(rf"([\d,.]+) {unit}", told)[1].replace(",", "")) for unit in ("ms/step", "images/s"))
    assert rate == pytest.approx(32 / step * 1e3, rel=0.02)  # of both devices


def test_a_batch_that_cannot_be_shared_is_one_error_and_nothing_runs(tree):
    (tree / "suites" / "tiny.yaml").write_text(SUITE.replace("[16]", "[15]"))
    done = bench(tree, "run", "suites/tiny.yaml")
    assert done.returncode == 2
    assert "suites/tiny.yaml:8: shared: a batch of 15 can't be shared evenly by 2 devices" in done.stderr
    assert "cards: a batch of 15" in done.stderr
    assert not (tree / "results").exists()
