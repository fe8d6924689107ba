"""Host profiles that can't be read: each costs its host alone, unless it is the one that would be written."""

import gzip
import os

import pytest
import yaml

from bench.errors import InputError
from bench.host.hardware import Hardware
from bench.host.moving import merge, rename
from bench.host.profile import HostProfile, load, profile_path
from bench.host.registry import known, profiles, recognise, recognise_all, remember

HERE = Hardware(kind="cpu", cpu="AMD EPYC", cores=2, memory_bytes=8 * 2**30, system="Linux")
WHOLE = "schema_version: 5\nid: strange\nlabel: Strange\n"

MAKERS = {
    "is a named pipe": os.mkfifo,
    "is a folder": os.mkdir,
    "is a link that leads out of its tree": lambda path: path.symlink_to("/etc/hostname"),
    "is a link that leads nowhere": lambda path: path.symlink_to("gone.yaml"),
    "is larger than 1 MiB": lambda path: (path.touch(), os.truncate(path, 2**40)),
    "is compressed with gzip: gunzip it first": lambda path: path.write_bytes(gzip.compress(WHOLE.encode())),
    "is in UTF-16": lambda path: path.write_text(WHOLE, encoding="utf-16"),
    "git conflict marker: resolve the merge": lambda path: path.write_text(
        f"<<<<<<< HEAD\n{WHOLE}=======\n{WHOLE}>>>>>>> theirs\n"
    ),
    "version 9": lambda path: path.write_text(WHOLE.replace("5", "9")),
    "label is missing": lambda path: path.write_text("id: strange\n"),
    "not YAML": lambda path: path.write_text("id: [strange\n"),
}


@pytest.fixture
def tree(tmp_path):
    """A tree with this machine's profile."""
    remember(tmp_path, recognise(tmp_path, HERE).profile)
    return tmp_path


@pytest.mark.parametrize("what", MAKERS)
def test_it_costs_its_host_alone_and_a_notice(tree, what):
    before = profiles(tree)
    MAKERS[what](profile_path(tree, "strange"))
    told = []
    assert profiles(tree, told.append) == before
    (notice,) = told
    assert what in notice
    assert notice.endswith("the host strange is left out")
    assert recognise(tree, HERE).profile in before


@pytest.mark.parametrize("what", MAKERS)
def test_this_machines_own_is_not_written_over(tree, what):
    path = profile_path(tree, recognise(tree, HERE).profile.id)
    path.unlink()
    MAKERS[what](path)
    with pytest.raises(InputError, match=what):
        recognise(tree, HERE)
    (here,) = recognise_all(tree, [HERE])  # to be shown, and not to be kept
    assert here.profile.id == path.stem
    assert os.path.lexists(path)


@pytest.mark.parametrize("verb", [rename, merge])
@pytest.mark.parametrize("names", [("strange", "new"), ("{here}", "strange")])
def test_it_is_neither_moved_nor_merged_nor_written_over(tree, verb, names):
    os.mkfifo(profile_path(tree, "strange"))
    here = recognise(tree, HERE).profile.id
    with pytest.raises(InputError, match=r"strange\.yaml: is a named pipe"):
        verb(tree, *(name.format(here=here) for name in names))
    assert profile_path(tree, here).exists()


def test_others_are_moved_beside_it_and_it_is_told(tree):
    os.mkfifo(profile_path(tree, "strange"))
    here = recognise(tree, HERE).profile.id
    assert any("strange.yaml: is a named pipe" in text for text in rename(tree, here, "mine").notices)
    assert load(profile_path(tree, "mine")).formerly == (here,)


def test_a_mark_and_windows_line_ends_are_read(tree):
    profile_path(tree, "strange").write_bytes(b"\xef\xbb\xbf" + WHOLE.replace("\n", "\r\n").encode())
    assert load(profile_path(tree, "strange")) == HostProfile(id="strange", label="Strange")


def test_a_link_within_the_tree_is_read(tree):
    (tree / "machines").mkdir()
    (tree / "machines/strange.yaml").write_text(WHOLE)
    profile_path(tree, "strange").symlink_to("../machines/strange.yaml")
    assert "strange" in {profile.id for profile in profiles(tree)}


@pytest.mark.parametrize("number", ["1e-320", "-1e200", "1e19", "9223372036854775807", ".inf", "'1e25'"])
def test_numbers_that_no_machine_has(tree, number):
    path = profile_path(tree, "strange")
    path.write_text(
        f"{WHOLE}price: {{per_hour: 1}}\nnoise:\n  {{in_turns: {number}, apart: 0.0, rounds: 9, date: x}}\n"
    )
    with pytest.raises(InputError, match=r"strange\.yaml:6: noise\.in_turns: "):
        load(path)


def test_thousands_of_faults_are_not_all_told(tree):
    wrong = {f"k{number}": 1 for number in range(150)}
    profile_path(tree, "strange").write_text(WHOLE + yaml.safe_dump(wrong))
    faults = known(tree).unread["strange"]
    assert len(faults) == 100
    (notice,) = known(tree).notices
    assert "(and 99 more faults)" in notice
