from pathlib import Path

import pytest

from bench.errors import InputError
from bench.results.journal import Journal, journal_path, pairs_path, results_of
from bench.results.journals import journals
from bench.results.owner import keep_owner, owner
from bench.results.query import Group, by_suite, identity, latest, read_all, runs
from bench.results.record import Record
from bench.results.sides import read_side
from bench.results.team import RESERVED, check_team, is_team, team_of_file
from tests.records import make_record


@pytest.mark.parametrize("name", ["07", "a", "Team_7", "x-ray", "0" * 40])
def test_names_of_teams(name):
    assert check_team(name) == name


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "a/b", "a b", "-a", "_a", "é", "a\n", "0" * 41, "a.7", "a\\b", "a\0", "Pairs", *sorted(RESERVED)],
)
def test_what_no_team_can_be_called(name):
    with pytest.raises(InputError):
        check_team(name)


@pytest.mark.parametrize(
    ("path", "team"),
    [
        ("tree/results/t4/07/cnn.jsonl", "07"),
        ("results/t4/07/pairs/cnn.jsonl", "07"),
        ("results/t4/cnn.jsonl", None),
        ("results/t4/pairs/cnn.jsonl", None),
        ("results/t4/calibration/ai-benchmark.jsonl", None),
        ("t4/07/cnn.jsonl", None),
    ],
)
def test_whose_a_file_is(path, team):
    assert team_of_file(Path(path)) == team


def test_a_tree_has_an_owner_and_keeps_it(tmp_path, monkeypatch):
    monkeypatch.delenv("BENCH_TEAM", raising=False)
    assert owner(tmp_path) is None
    keep_owner(tmp_path, "07")
    keep_owner(tmp_path, "07")
    assert owner(tmp_path) == "07"
    with pytest.raises(InputError, match="team 07's already"):
        keep_owner(tmp_path, "08")
    monkeypatch.setenv("BENCH_TEAM", "08")
    assert owner(tmp_path) == "08"
    monkeypatch.setenv("BENCH_TEAM", "../08")
    with pytest.raises(InputError, match="BENCH_TEAM: a team can't be called"):
        owner(tmp_path)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"0 7\n", b"07\n08\n", b"x" * 5000])
def test_an_owner_that_cant_be_is_told_with_its_file(tmp_path, content, monkeypatch):
    monkeypatch.delenv("BENCH_TEAM", raising=False)
    (tmp_path / "team.txt").write_bytes(content)
    with pytest.raises(InputError, match=r"team\.txt"):
        owner(tmp_path)


@pytest.fixture
def root(tmp_path):
    for team, step_ms in ((None, 16), ("07", 15), ("08", 14)):
        record = make_record(host="t4", team=team, step_ms=step_ms)
        Journal(journal_path(tmp_path, "t4", "cnn", team), Record).append(record)
    return tmp_path


def test_teams_lie_apart_and_are_read_together(root):
    records = read_all(root).records
    assert [record.team for record in records] == [None, "07", "08"]
    assert len({identity(record) for record in records}) == len(latest(records)) == len(runs(records)) == 3
    assert list(by_suite(records)) == [Group("t4", "cnn"), Group("t4", "cnn", "07"), Group("t4", "cnn", "08")]
    assert [record.team for record in read_all(root, teams=["08"]).records] == ["08"]


def test_a_line_that_names_no_team_is_its_folders(root):
    own = make_record(host="t4", suite="digits")
    Journal(journal_path(root, "t4", "digits", "07"), Record).append(own)
    (found,) = read_all(root, suites=["digits"]).records
    assert found == own.model_copy(update={"team": "07"})


def test_a_record_of_before_there_were_teams_is_read(root):
    path = journal_path(root, "t4", "old")
    line = make_record(host="t4", suite="old", schema_version=6).model_dump_json(exclude={"team"})
    path.write_text(line + "\n")
    (found,) = read_all(root, suites=["old"]).records
    assert found.team is None


@pytest.mark.parametrize(
    ("text", "teams"),
    [
        ("@", [None, "07", "08"]),
        ("t4", [None, "07", "08"]),
        ("t4/cnn", [None, "07", "08"]),
        ("t4/07", ["07"]),
        ("t4/07/cnn", ["07"]),
        ("*/08", ["08"]),
        ("*/08/cnn", ["08"]),
    ],
)
def test_a_side_may_name_a_team(root, text, teams):
    side = read_side(root, text)
    assert [record.team for record in side.records] == teams
    assert side.team == (teams[0] if len(teams) == 1 else None)
    assert [path.is_file() for path in side.files] == [True] * len(teams)


def test_a_suite_called_as_a_team_is_what_it_was(root):
    Journal(journal_path(root, "t4", "07"), Record).append(make_record(host="t4", suite="07"))
    assert [record.suite for record in read_side(root, "t4/07").records] == ["07"]
    assert [record.team for record in read_side(root, "t4/07/cnn").records] == ["07"]


def test_every_journal_of_a_host_is_known(root):
    place = pairs_path(root, "t4", "cnn", "07")
    place.parent.mkdir()
    place.write_text("")
    names = [path.relative_to(results_of(root, "t4")).as_posix() for path, _ in journals(root, ["t4"])]
    assert names == ["cnn.jsonl", "07/cnn.jsonl", "08/cnn.jsonl", "07/pairs/cnn.jsonl"]
    assert list(journals(root, ["other"])) == []


def test_no_folder_of_ours_is_taken_for_a_teams():
    assert not any(map(is_team, RESERVED))
