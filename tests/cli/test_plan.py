"""`bench plan`, as it is typed."""

import json

import pytest

from bench.cli.main import main
from bench.host.costs import Grid, Price
from bench.host.profile import save
from bench.results.journal import Journal, journal_path
from bench.results.record import Record
from tests.host_trees import gpu, make_profile
from tests.records import T4, make_gpu_values, make_record, make_trained

SUITE = "data: digits\nmodels: [simple_cnn]\nvariants: [notebook]\n"


@pytest.fixture
def tree(tmp_path):
    """A card that was paid for, with two suites."""
    price, grid = Price(per_hour=1.8, currency="EUR"), Grid(kg_co2_per_kwh=0.4, source="a grid")
    save(
        make_profile("box", label="Box", hardware=gpu("Tesla T4"), price=price, grid=grid), tmp_path / "hosts/box.yaml"
    )
    values = make_gpu_values(seconds=30.0)
    for record in (
        make_record(host="box", device=T4, values=values, absent={}, suite="mine"),
        make_record(model="vgg16", variant="xla", host="box", suite="mine"),
        *(make_trained(model="compact", host="box", seed=seed, seconds=1.0 + seed / 10) for seed in (0, 1)),
    ):
        Journal(journal_path(tmp_path, "box", record.suite), Record).append(record)
    (tmp_path / "mine.yaml").write_text(SUITE)
    return tmp_path


def told(capsys, *argv):
    with pytest.raises(SystemExit) as end:
        main(["plan", *map(str, argv)])
    return end.value.code or 0, *capsys.readouterr()


def test_a_suite_on_a_host(tree, capsys):
    status, out, _ = told(capsys, tree / "mine.yaml", "--on", "box", "--on", "colab-t4", "--root", tree)
    assert status == 0
    assert "| Box " in out
    assert "as last time" not in out
    assert "no quota hours: Box: no quota in hosts/box.yaml; Colab (Tesla T4): Colab doesn't publish" in out
    arguments = (tree / "mine.yaml", "--on", "box", "--root", tree, "--budget", "1 EUR", "--set", "batch_sizes=[128]")
    status, out, _ = told(capsys, *arguments, "--json")
    (row,) = json.loads(out)
    assert row["host"] == "box"
    assert row["seconds"] == {"value": 30.0, "low": None, "high": None, "absent": None}
    assert row["money"]["value"] == pytest.approx(30 / 2000)
    assert row["within_budget"] == ["simple_cnn/notebook/b128"]
    assert row["cells"][0]["known"] is True


def test_a_target_on_every_host(tree, capsys):
    status, out, _ = told(capsys, "simple_cnn", "--images", 10_000, "--root", tree)
    assert status == 0
    assert "### simple\\_cnn: 10,000 images" in out or "### simple_cnn: 10,000 images" in out
    rows = [line.split("|")[1].strip() for line in out.splitlines() if line.startswith("| ")][1:]
    assert rows == ["Box", "Colab (Tesla T4)", "Kaggle (Tesla P100)", "RTX 2080 Ti"]
    assert " EUR |" in out
    assert "no quota hours" in out
    _, out, _ = told(capsys, "compact", "--accuracy", "50%", "--root", tree, "--json")
    by_host = {row["host"]: row for row in json.loads(out)}
    assert by_host["box"]["seconds"]["low"] < by_host["box"]["seconds"]["value"] < by_host["box"]["seconds"]["high"]
    assert by_host["colab-t4"]["seconds"]["absent"] == "never measured there; bench run does that, on that machine"
    assert by_host["colab-t4"]["origin"] is None


def test_a_budget_here_or_there(tree, capsys):
    status, out, _ = told(capsys, "--budget", "5 EUR", "--on", "box", "--root", tree)
    assert status == 0
    assert "What can be trained within 5 EUR" in out
    assert {"simple_cnn/notebook/b128", "compact/notebook/b128"} <= set(
        out.replace("(", "|").replace(" ", "").split("|")
    )
    assert "vgg16" not in out  # its baseline was never measured
    _, out, _ = told(capsys, "--budget", "5 EUR", "--on", "box", "--root", tree, "--variant", "*", "--json")
    assert [row["cell"] for row in json.loads(out)][1] == "vgg16/xla/b128"


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ([], "neither a target nor a budget is given"),
        (["simple_cnn"], "neither a target nor a budget is given"),
        (["simple_cnn", "--epochs", "3", "--budget", "8h"], "a target and a budget are two questions"),
        (["simple_cnn", "--epochs", "3", "--images", "9"], "--epochs and --images are two targets"),
        (["--epochs", "3"], "a target is of a network"),
        (["simple_cn", "--epochs", "3"], "nothing is known of a network 'simple_cn'; did you mean 'simple_cnn'?"),
        (["--budget", "many"], "--budget 'many' is no budget"),
        (["simple_cnn", "--accuracy", "150%"], "--accuracy 150% is no share; 1% or 0.01, from 0.1% to 100%"),
        (["simple_cnn", "--epochs", "3", "--on", "bax"], "unknown host 'bax'; did you mean 'box'?"),
        (["simple_cnn", "--epochs", "3", "--only", "x"], "--only and --set are of a suite"),
        (["--budget", "8h", "--on", "box", "--variant", "q"], "nothing was measured on box"),
        (["{tree}/mine.yaml", "--epochs", "3"], "a suite says itself how far it trains"),
        (["{tree}/mine.yaml", "--budget", "1 kWh"], "what energy a suite takes isn't known"),
        (["{tree}/mine.yaml", "--only", "x"], "--only 'x' matches no cell"),
        (["{tree}/gone.yaml"], "gone.yaml: no such file"),
    ],
)
def test_bad_input(tree, capsys, argv, said):
    status, out, err = told(capsys, *(word.format(tree=tree) for word in argv), "--root", tree)
    assert (status, out) == (2, "")
    assert said in err
