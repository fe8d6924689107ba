"""How far a name in a record leads."""

import os

import pytest

from bench.errors import InputError
from bench.results.safe_paths import is_plain, plain, regular_below


@pytest.fixture
def home(tmp_path):
    """A host's folder of results with one file of weights, and a file outside."""
    folder = tmp_path / "results" / "box"
    (folder / "weights" / "cnn").mkdir(parents=True)
    (folder / "weights" / "cnn" / "a.keras").write_text("weights")
    (folder / "cnn.jsonl").write_text("records")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a.keras").write_text("secret")
    return folder


def test_a_file_below_is_found_and_none_that_is_not_there(home):
    assert regular_below(home, "weights/cnn/a.keras", "weights") == home.resolve() / "weights" / "cnn" / "a.keras"
    assert regular_below(home, "weights/cnn/b.keras", "weights") is None
    assert regular_below(home, "weights/cnn/a.keras/b", "weights") is None
    assert regular_below(home.parent / "absent", "weights/cnn/a.keras", "weights") is None


def test_a_hosts_folder_may_itself_be_a_link(home, tmp_path):
    (tmp_path / "linked").symlink_to(home)
    assert regular_below(tmp_path / "linked", "weights/cnn/a.keras", "weights").read_text() == "weights"


@pytest.mark.parametrize(
    "named",
    [
        "",
        ".",
        "cnn.jsonl",
        "/etc/hostname",
        "weights/../cnn.jsonl",
        "weights/../../../outside/a.keras",
        "../../outside/a.keras",
        "./../box/weights/cnn/a.keras",
        "weights\\cnn",
        "weights/cnn/a\0.keras",
        "weights/cnn/\x1b[2Ja.keras",
    ],
)
def test_what_leads_elsewhere_is_refused_as_it_is_written(named, home):
    with pytest.raises(InputError, match="a record's file can't be") as told:
        regular_below(home, named, "weights")
    assert str(told.value).isprintable()


def test_links_that_lead_out_are_refused(home, tmp_path):
    (home / "weights" / "cnn" / "link.keras").symlink_to(tmp_path / "outside" / "a.keras")
    (home / "weights" / "away").symlink_to(tmp_path / "outside")
    (home / "weights" / "up.keras").symlink_to("../cnn.jsonl")
    (home / "weights" / "ring.keras").symlink_to("ring.keras")
    for name in ("cnn/link.keras", "away/a.keras", "up.keras"):
        with pytest.raises(InputError, match="a link leads out of"):
            regular_below(home, f"weights/{name}", "weights")
    with pytest.raises(InputError, match=r"can't be opened"):
        regular_below(home, "weights/ring.keras", "weights")


def test_the_folder_of_weights_may_not_lead_out_either(home, tmp_path):
    (home / "weights").rename(tmp_path / "moved")
    (home / "weights").symlink_to(tmp_path / "moved")
    with pytest.raises(InputError, match="a link leads out of"):
        regular_below(home, "weights/cnn/a.keras", "weights")


def test_what_is_no_regular_file_is_not_waited_for(home):
    os.mkfifo(home / "weights" / "pipe.keras")
    for name in ("pipe.keras", "cnn"):
        with pytest.raises(InputError, match="is no regular file"):
            regular_below(home, f"weights/{name}", "weights")


def test_names_of_files_of_whatever_a_record_holds():
    assert plain("simple_cnn/notebook/b128") == "simple_cnn-notebook-b128"
    assert [plain(name) for name in ("", "..", "../..", "a\0b", "/etc/passwd")] == [
        "unnamed", "unnamed", "-", "a-b", "-etc-passwd",
    ]  # fmt: skip
    one, other = plain("a" * 999), plain("a" * 998 + "b")
    assert one != other
    assert len(one) == len(other) == 120
    plain("\ud800" * 999)


def test_what_can_be_a_files_name():
    assert all(map(is_plain, ("cnn", "my suite", "a..b", ".cnn", "größe")))
    assert not any(map(is_plain, ("", ".", "..", "a/b", "../x", "/x", "a\0b", "a\nb")))
