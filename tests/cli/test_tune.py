"""`bench tune` from the outside."""

import json
import subprocess
import sys

import pytest

from bench.cli.main import main
from tests import warm
from tests.cli.test_bad_input import everything_in

GOOD = """\
data: {name: synthetic, shape: [24, 24, 1], classes: 5, images: 200, test_images: 10}
models: [simple_cnn, vgg16]
variants: {notebook: {}, uint8: {pixels: uint8}}
batch_sizes: [16]
"""


@pytest.fixture
def tree(tmp_path, monkeypatch):
    (tmp_path / "x.yaml").write_text(GOOD)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["x.yaml"], ["x.yaml has 2 models", "simple_cnn, vgg16"]),
        (["x.yaml", "simple_cn"], ["MODEL 'simple_cn' matches no cell", "did you mean 'simple_cnn/"]),
        (["x.yaml", "*"], ["several models"]),
        (["absent.yaml", "simple_cnn"], ["absent.yaml"]),
        (["simple_cn"], ["unknown network 'simple_cn'", "did you mean 'simple_cnn'?"]),
        (["my_models:build"], ["there is no module 'my_models'"]),
        (["simple_cnn", "--budget", "soon"], ["--budget soon is no time"]),
        (["simple_cnn", "--budget", "1s"], ["too short", "3m"]),
        (["simple_cnn", "--batch-sizes", "64,many"], ["--batch-sizes 64,many", "64,256"]),
        (["simple_cnn", "--max-memory", "much"], ["--max-memory much is no size", "8G"]),
        (["simple_cnn", "--root", "nowhere"], ["nowhere", "no such folder"]),
        (["x.yaml", "simple_cnn", "--set", "protocol.max_second=3"], ["'max_seconds'"]),
        (["x.yaml", "simple_cnn", "--batch-sizes", "400"], ["400", "170"]),
    ],
    ids=" ".join,
)
def test_bad_input_is_one_clear_line_and_nothing_runs(tree, capsys, arguments, says):
    before = everything_in(tree)
    with pytest.raises(SystemExit) as end:
        main(["tune", *arguments])
    shown = capsys.readouterr()
    assert end.value.code == 2
    assert shown.out == ""
    assert len([line for line in shown.err.splitlines() if line.startswith("bench: ")]) == 1
    assert all(part in shown.err for part in says), shown.err
    assert everything_in(tree) == before


def test_the_best_options_of_a_network_and_the_code(tree):
    """A time so short that hardly anything is measured, on however slow a machine."""
    command = [sys.executable, "-m", "bench", "tune", "x.yaml", "simple_cnn/uint8", "--budget", "5s", "--json"]
    done = warm.run(command, cwd=tree, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["baseline"]["name"] == "uint8"
    assert found["baseline"]["settings"]["pixels"] == "uint8"
    assert len(found["candidates"]) > 40
    assert found["rungs"]
    assert (found["code"] is None) == (found["best"] is None)
    assert "rung 1: " in done.stderr
    kept = next(tree.glob("results/*/tune-simple_cnn.jsonl")).read_text().splitlines()
    assert {json.loads(line)["cell"].split("/")[1] for line in kept} >= {"uint8", *found["rungs"][0]["measured"]}
