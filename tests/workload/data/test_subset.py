"""The classes that a suite keeps."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.errors import InputError
from bench.suite.spec import DataSpec
from bench.workload.data.label_names import CIFAR10_NAMES, CIFAR100_NAMES
from bench.workload.data.subset import kept_classes

DRAWN = (26, 30, 50, 61, 81)


def kept(folder: Path = Path(), **spec) -> tuple[int, ...] | None:
    return kept_classes(DataSpec(name="cifar100", **spec), classes=100, label_names=CIFAR100_NAMES, folder=folder)


def listed(folder: Path, text: str, team: str | None = None) -> tuple[int, ...] | None:
    (folder / "teams.csv").write_text(text, encoding="utf-8")
    return kept(folder, subset="teams.csv", team=team)


def faults(folder: Path, text: str, team: str | None = None) -> list[str]:
    with pytest.raises(InputError) as caught:
        listed(folder, text, team)
    return [str(fault).removeprefix(f"{folder}/") for fault in caught.value.faults]


def test_without_a_subset_all_are_kept():
    assert kept() is None


@given(st.integers(1, 100), st.integers(0, 2**40))
def test_a_number_draws_that_many_and_the_same_again(number, team_seed):
    drawn = kept(subset=number, team_seed=team_seed)
    assert drawn is not None
    assert len(set(drawn)) == number
    assert list(drawn) == sorted(drawn)
    assert set(drawn) <= set(range(100))
    assert drawn == kept(subset=number, team_seed=team_seed)


def test_the_draw_is_fixed_for_good():
    assert kept(subset=5, team_seed=0) == DRAWN
    assert kept(subset=5, team_seed=1) != DRAWN


def test_a_number_needs_a_seed_and_enough_classes():
    with pytest.raises(InputError, match=r"data\.subset 20 doesn't say which classes; give data\.team_seed"):
        kept(subset=20)
    with pytest.raises(InputError, match="asks for 101 classes; cifar100 has 100"):
        kept(subset=101, team_seed=1)


def test_indices_are_kept_in_rising_order():
    assert kept(subset=(99, 0, 42)) == (0, 42, 99)


def test_all_that_is_wrong_with_indices_is_said():
    with pytest.raises(InputError) as caught:
        kept(subset=(1, 100, 1))
    assert [str(fault) for fault in caught.value.faults] == [
        "data.subset: there is no class 100; labels are 0..99",
        "data.subset: class 1 is given twice",
    ]
    with pytest.raises(InputError, match="no label is given"):
        kept(subset=())


TEAMS = """\
team,label
1, 5,17 , 3
Alpha,apple,Aquarium_Fish,worm

2,9
2,8
"""


@pytest.mark.parametrize(("team", "labels"), [("1", (3, 5, 17)), ("alpha", (0, 1, 99)), ("2", (8, 9))])
def test_a_file_has_a_row_or_more_for_each_team(tmp_path, team, labels):
    assert listed(tmp_path, TEAMS, team) == labels


def test_a_file_may_begin_with_a_byte_order_mark_and_end_lines_as_windows_does(tmp_path):
    assert listed(tmp_path, "\ufeff" + TEAMS.replace("\n", "\r\n"), "1") == (3, 5, 17)


@pytest.mark.parametrize("text", ["7,3\nbeaver\n", "label\n3\n7\nbeaver", "7\n3\nBEAVER\n\n"])
def test_a_file_of_labels_alone_needs_no_team(tmp_path, text):
    assert listed(tmp_path, text) == (3, 4, 7)


def test_a_team_called_team_is_no_heading(tmp_path):
    assert listed(tmp_path, "Team 1,4\nTeam 2,5\n", "team 1") == (4,)


def test_every_fault_of_a_file_is_said_with_its_line(tmp_path):
    assert faults(tmp_path, "1,5,aple\n2,whatever\n\n1,100,-3,5\n", "1") == [
        "teams.csv:1: 'aple' is no label; did you mean 'apple'?",
        "teams.csv:4: there is no class 100; labels are 0..99",
        "teams.csv:4: '-3' is no label; known: apple, aquarium_fish, baby, bear, beaver, bed, bee, beetle, bicycle, "
        "bottle, bowl, boy, …",
        "teams.csv:4: class 5 is given twice",
    ]


def test_an_unknown_team_is_told_the_nearest(tmp_path):
    assert faults(tmp_path, TEAMS, "alfa") == ["teams.csv: no labels for the team alfa; did you mean 'Alpha'?"]
    assert faults(tmp_path, "1\n2,3\n", "1") == ["teams.csv: no labels for the team 1; known: 2"]


def test_a_file_of_teams_without_a_team_says_how_to_choose(tmp_path):
    (fault,) = faults(tmp_path, "A,3\n")
    assert "'A' is no label" in fault
    assert "data.team" in fault


def test_an_empty_file_is_an_error(tmp_path):
    assert faults(tmp_path, "\n\n") == ["teams.csv: no label is given; labels are 0..99"]


def test_files_that_cannot_be_read_are_errors(tmp_path):
    with pytest.raises(InputError, match=r"none\.csv: can't be read: No such file"):
        kept(tmp_path, subset="none.csv")
    with pytest.raises(InputError, match="can't be read: is a folder"):
        kept(tmp_path, subset=".")
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="is in UTF-16: save it in UTF-8"):
        kept(tmp_path, subset="binary.csv")
    (tmp_path / "quote.csv").write_text('1,"2\n')
    with pytest.raises(InputError, match="no CSV file"):
        kept(tmp_path, subset="quote.csv")


def test_without_names_labels_are_indices(tmp_path):
    (tmp_path / "t.csv").write_text("apple,3\n")
    with pytest.raises(InputError, match=r"t\.csv:1: 'apple' is no label; labels are 0\.\.9"):
        kept_classes(DataSpec(name="digits", subset="t.csv"), classes=10, folder=tmp_path)


def test_names_stand_at_their_numbers():
    # labels 0, 19, 51 and 99 of CIFAR-100 as its page has them in its own numbering
    assert [CIFAR100_NAMES[index] for index in (0, 19, 51, 99)] == ["apple", "cattle", "mushroom", "worm"]
    assert len(set(CIFAR100_NAMES)) == 100
    assert list(CIFAR100_NAMES) == sorted(CIFAR100_NAMES)
    assert (len(set(CIFAR10_NAMES)), CIFAR10_NAMES[9]) == (10, "truck")
