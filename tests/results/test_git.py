"""What git says where it won't or can't read a revision: none of it is lost, and none of it is a traceback."""

import os
import re
import shutil
import subprocess

import pytest

from bench.errors import InputError
from bench.results.journal import Journal, journal_path
from bench.results.record import Record
from bench.results.sides import read_side
from tests.records import make_record

WHO = ["-c", "user.name=x", "-c", "user.email=x@y"]


def git(folder, *arguments):
    done = subprocess.run(["git", *WHO, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """A tree with two commits, each with a record more."""
    root = tmp_path_factory.mktemp("measured") / "my tree"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    for day in (5, 6):
        record = make_record(host="t4", started=f"2026-01-0{day}T12:00:00+00:00")
        Journal(journal_path(root, "t4", record.suite), Record).append(record)
        git(root, "add", ".")
        git(root, "commit", "-q", "-m", f"day {day}")
    return root


@pytest.fixture
def root(measured, tmp_path, monkeypatch):
    """A copy of it, which git trusts or not as on any machine."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    return shutil.copytree(measured, tmp_path / "my tree")


def refused(root, text):
    with pytest.raises(InputError) as raised:
        read_side(root, text)
    (fault,) = raised.value.faults
    assert "\n" not in str(fault)
    return str(fault)


def remove(root, name):
    """Lose one of git's objects."""
    digest = git(root, "rev-parse", name)
    (root / ".git" / "objects" / digest[:2] / digest[2:]).unlink()
    return digest


def test_a_repository_of_another_owner_is_told_with_gits_own_way_out(root, monkeypatch):
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")  # git's own switch for its own tests
    said = refused(root, "@HEAD~1")
    assert f"{root}: '@HEAD~1' wants a git repository: detected dubious ownership" in said
    assert said.endswith(f"call: git config --global --add safe.directory '{root}'")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_repository_given_to_another_user(root):
    for path in (root, *root.rglob("*")):
        os.chown(path, 12345, 12345, follow_symlinks=False)
    assert "git config --global --add safe.directory" in refused(root, "@HEAD~1")


def test_a_shallow_clone_is_told_with_how_to_get_the_rest(measured, tmp_path):
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{measured}", "shallow one")
    said = refused(tmp_path / "shallow one", "@HEAD~1")
    assert "git knows no revision 'HEAD~1'; HEAD has 1 commit; the clone is shallow: git -C '" in said
    assert "shallow one' fetch --unshallow" in said
    assert len(read_side(tmp_path / "shallow one", "@HEAD").records) == 2


@pytest.mark.parametrize(
    ("revision", "says"),
    [
        ("HEAD~7", "git knows no revision 'HEAD~7'; HEAD has 2 commits; a date is written 2026-11-20"),
        ("~7", "git knows no revision '~7'; HEAD has 2 commits"),
        ("HEAD@{99}", "git knows no revision 'HEAD@{99}'; log for 'HEAD' only has 2 entries"),
        ("main@{u}", "git knows no revision 'main@{u}'; no upstream configured for branch 'main'"),
        ("mian~1", "git knows no revision 'mian~1'; did you mean 'main'?; a date is written"),
        ("--output=x", "git knows no revision '--output=x'; known: HEAD, main; a date is written"),
    ],
)
def test_a_revision_that_is_not_there_is_told_with_what_is(root, revision, says):
    assert says in refused(root, f"@{revision}")
    assert not (root / "x").exists()


def test_a_repository_without_a_commit(tmp_path):
    git(tmp_path, "init", "-q")
    assert "git knows no revision 'HEAD'; it has no commit yet" in refused(tmp_path, "@HEAD")


@pytest.mark.parametrize(
    ("lost", "says"),
    [
        ("HEAD~1:results/t4/cnn.jsonl", ["git can't read 'HEAD~1:results/t4/cnn.jsonl': ", "fsck  # names what is"]),
        ("HEAD~1:results", ["git can't read 'HEAD~1': ", "git -C '", "my tree' fsck  # names what is damaged"]),
        ("HEAD~1", ["git knows no revision 'HEAD~1'; Could not read {digest}; Failed to traverse parents of commit"]),
    ],
    ids=["file", "folder", "commit"],
)
def test_an_object_that_is_missing_is_told_with_what_git_says_of_it(root, lost, says):
    digest = remove(root, lost)
    said = refused(root, "@HEAD~1")
    assert all(part.format(digest=digest) in said for part in says), said
    assert len(read_side(root, "@HEAD").records) == 2


def test_what_git_warns_of_is_a_notice_of_the_side(root):
    git(root, "tag", "main", "HEAD~1")
    found = read_side(root, "@main")
    assert found.notices[0] == "git: refname 'main' is ambiguous"
    assert len(found.records) == 1


def noting(monkeypatch, folder, what):
    """Have each git write `what` its shell makes of it; gives the file that it goes to."""
    real = shutil.which("git")
    (folder / "git").write_text(f'#!/bin/sh\necho "{what}" >> {folder}/seen\nexec {real} "$@"\n')
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    return folder / "seen"


def test_git_speaks_english_and_asks_for_no_password(root, monkeypatch, tmp_path):
    seen = noting(monkeypatch, tmp_path, "$LC_ALL $GIT_TERMINAL_PROMPT")
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    assert read_side(root, "@HEAD").records
    assert set(seen.read_text().splitlines()) == {"C 0"}


def test_a_file_that_is_too_large_is_not_read_and_costs_itself_alone(root, monkeypatch, tmp_path):
    small = journal_path(root, "t4", "small")
    Journal(small, Record).append(make_record(host="t4", suite="small"))
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "another suite")
    monkeypatch.setattr("bench.results.sides.MOST_BYTES", small.stat().st_size)
    seen = noting(monkeypatch, tmp_path, "$*")
    found = read_side(root, "@HEAD")
    assert [record.suite for record in found.records] == ["small"]
    (notice,) = found.notices
    assert re.match(r"HEAD:results/t4/cnn\.jsonl: cannot be read \(is larger than the \d KiB that are read\)", notice)
    assert [line.rpartition("/")[2] for line in seen.read_text().splitlines() if " blob " in line] == ["small.jsonl"]
    with pytest.raises(InputError, match=r"there is no record.*\n.*cannot be read \(is larger than"):
        read_side(root, "t4/cnn@HEAD")
