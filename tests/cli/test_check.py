"""`bench check`, as it is typed before results are handed in."""

import json

import pytest

from bench.cli.main import main
from bench.results.journal import Journal, journal_path
from bench.results.record import Record
from tests.records import make_trained

SUITE = """\
title: What we hand in
data: cifar100
models: [simple_cnn]
variants: [notebook]
train: {epochs: 20}
course:
  max_params: 200000
  min_accuracy: 0.7
  columns: [epochs]
"""


def told(capsys, *argv):
    with pytest.raises(SystemExit) as end:
        main(["check", *map(str, argv)])
    return end.value.code or 0, *capsys.readouterr()


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "suites").mkdir()
    (tmp_path / "suites" / "mine.yaml").write_text(SUITE)
    (tmp_path / "suites" / "free.yaml").write_text("data: digits\nmodels: [vgg16]\nvariants: [notebook]\n")
    record = make_trained(suite="mine", test=0.75)
    Journal(journal_path(tmp_path, record.host, "mine"), Record).append(record)
    return tmp_path


def test_all_rules_hold(tree, capsys):
    status, out, err = told(capsys, "--root", tree)
    assert (status, err) == (0, "")
    assert "### What we hand in" in out
    assert "all 5 rules hold" in out


def test_one_that_fails_is_named_with_its_evidence(tree, capsys):
    path = tree / "suites" / "mine.yaml"
    path.write_text(SUITE.replace("0.7", "0.9"))
    status, out, _ = told(capsys, path, "--root", tree)
    assert status == 1
    (line,) = [line for line in out.splitlines() if "min_accuracy" in line]
    assert [cell.strip() for cell in line.split("|")[2:-1]] == [
        *("min_accuracy", "at least 90.0 %", "test accuracy 75.0 %", "✗ fails", "xeon-2-cores, 2026-01-05")
    ]
    status, out, _ = told(capsys, path, "--root", tree, "--json")
    (one,) = json.loads(out)
    assert (status, one["suite"], one["holds"]) == (1, "mine", False)
    assert [rule["rule"] for rule in one["rules"] if rule["verdict"] != "holds"] == ["min_accuracy"]


def test_what_was_never_measured_does_not_hold(tree, capsys):
    (tree / "results" / "xeon-2-cores" / "mine.jsonl").unlink()
    status, out, _ = told(capsys, "--root", tree)
    assert status == 1
    assert "1 of 1 rules don't hold" in out


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["{tree}/suites/free.yaml"], "free.yaml: has no `course:` section; write what the course asks for"),
        (["{tree}/suites/gone.yaml"], "gone.yaml: no such file"),
        (["--host", "xeon-3-cores"], "no results of the host 'xeon-3-cores'; did you mean 'xeon-2-cores'?"),
    ],
)
def test_bad_input(tree, capsys, argv, said):
    status, out, err = told(capsys, *(word.format(tree=tree) for word in argv), "--root", tree)
    assert (status, out) == (2, "")
    assert said in err


def test_a_section_that_contradicts_its_suite_and_a_metric_that_there_is_not(tree, capsys):
    path = tree / "suites" / "mine.yaml"
    path.write_text(SUITE.replace("columns: [epochs]", "max_epochs: 5"))
    status, _, err = told(capsys, "--root", tree)
    assert status == 2
    assert "mine.yaml:9: the course allows 5 epochs" in err
    path.write_text(SUITE.replace("columns: [epochs]", "columns: [epoch]"))
    status, _, err = told(capsys, "--root", tree)
    assert status == 2
    assert "mine.yaml:9: 'course' names no metric 'epoch'; did you mean 'epochs'?" in err


def test_a_tree_without_any_course(tree, capsys):
    (tree / "suites" / "mine.yaml").unlink()
    status, _, err = told(capsys, "--root", tree)
    assert status == 2
    assert "suites: no suite there has a `course:` section" in err
