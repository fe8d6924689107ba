import csv
import json
import re
import shlex
from importlib.util import find_spec

import pytest

from bench.cli.main import main
from bench.results.journal import Journal, journal_path
from bench.results.record import Record
from tests.records import make_record, make_trained


@pytest.fixture
def tree(tmp_path):
    for record in (make_record(), make_record(variant="xla", options={"xla": True}), make_trained(suite="trained")):
        Journal(journal_path(tmp_path, record.host, record.suite), Record).append(record)
    return tmp_path


def bench(capsys, *arguments):
    with pytest.raises(SystemExit) as raised:
        main(["export", *map(str, arguments)])
    said = capsys.readouterr()
    return raised.value.code, said.out, said.err


FILES = {
    "csv": "records.csv",
    "parquet": "records.parquet",
    "latex": "tables.tex",
    "pytest-benchmark": "pytest-benchmark.json",
    "tensorboard": "tensorboard",
}


@pytest.mark.parametrize("form", FILES)
def test_each_form_lies_below_results_where_none_is_named(tree, capsys, form):
    path = tree / "results" / FILES[form]
    for _ in range(2):  # the second replaces the first
        status, out, err = bench(capsys, "--format", form, "--root", tree)
        assert (status, out) == (0, "")
        assert f"bench: wrote {path}: " in err
    assert path.exists()
    assert not list(tree.rglob(".*.new"))


def test_rows_suites_and_hosts_are_chosen(tree, capsys):
    status, out, _ = bench(capsys, "--format", "csv", "-", "--rows", "epochs", "--suite", "trained", "--root", tree)
    assert status == 0
    rows = list(csv.DictReader(out.removeprefix("\ufeff").splitlines()))
    assert [row["epoch"] for row in rows] == [str(number) for number in range(1, len(rows) + 1)]
    assert {row["suite"] for row in rows} == {"trained"}
    status, out, _ = bench(capsys, "--format", "pytest-benchmark", "-", "--suite", "cnn", "--root", tree)
    assert [one["name"] for one in json.loads(out)["benchmarks"]] == [
        "simple_cnn/notebook/b128",
        "simple_cnn/xla/b128",
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("csv", "{tree}"), "is a folder; name a file that ends in .csv"),
        (("csv", "{tree}/mine.yaml"), "mine.yaml: is there already, and not called as such a file"),
        (("csv", "{tree}/none/"), "none: is a folder; name a file"),
        (("parquet", "-"), "parquet is nothing to print"),
        (("tensorboard", "{tree}/results"), "something that no export to TensorBoard has written"),
        (("tensorboard", "{tree}/mine.yaml"), "is no folder"),
        (("mlflow", "{tree}/mine.yaml"), "neither a folder nor called as a database"),
        (("latex", "--rows", "epochs"), "--rows goes with csv and parquet"),
        (("csv", "--rows", "epochs", "--suite", "cnn"), "have no epochs"),
        (("csv", "--suite", "cnm"), "no results of the suite 'cnm'; did you mean 'cnn'?"),
        (("csv", "--root", "{tree}/hosts"), "no results yet"),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(tree, capsys, arguments, said):
    (tree / "mine.yaml").write_text("mine")
    (tree / "hosts").mkdir(exist_ok=True)
    before = {path: path.read_bytes() for path in tree.rglob("*") if path.is_file()}
    given = [argument.format(tree=tree) for argument in arguments]
    root = [] if "--root" in given else ["--root", tree]
    status, out, err = bench(capsys, "--format", *given, *root)
    assert (status, out) == (2, "")
    assert said in err
    assert len(err.splitlines()) == 1
    assert {path: path.read_bytes() for path in tree.rglob("*") if path.is_file()} == before


def test_the_commands_of_the_guide_do_what_it_says(tree, checkout, capsys, monkeypatch):
    guide = (checkout / "docs" / "how-to" / "export-import.md").read_text()
    commands = re.findall(r"^    bench export (.*)$", guide, re.MULTILINE)
    assert len(commands) > 5
    for command in commands:
        words = shlex.split(command.replace("cpu-amd-epyc-2c", "xeon-2-cores"))
        if "mlflow" in words and find_spec("mlflow") is None:
            continue
        monkeypatch.chdir(tree)
        assert bench(capsys, *words)[0] == 0, command
    names = {path.name for path in (*tree.iterdir(), *(tree / "results").iterdir())}
    assert {"records.csv", "windows.csv", "epochs.parquet", "tables.tex", "0001_today.json", "tensorboard"} <= names


def test_what_cannot_be_written_leaves_the_file_that_was_there(tree, capsys, monkeypatch):
    path = tree / "results" / "records.csv"
    path.write_text("whole")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    status, _, err = bench(capsys, "--format", "csv", "--root", tree)
    assert status == 1
    assert "records.csv: No space left on device" in err
    assert path.read_text() == "whole"
    assert not list(tree.rglob(".*.new"))
