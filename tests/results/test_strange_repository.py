"""A repository that says how its missing objects are to be fetched: none is, and no program of its choice runs."""

import subprocess

import pytest

from bench.errors import InputError
from bench.results.git import resolve


def git(folder, *arguments):
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def partial(tmp_path):
    """A clone without its files' contents, whose own configuration names a program to fetch them by."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.jsonl").write_text("{}\n")
    git(source, "init", "-q")
    git(source, "config", "uploadpack.allowfilter", "true")
    git(source, "add", "-A")
    git(source, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "a")
    git(tmp_path, "clone", "-q", "--filter=blob:none", "--no-checkout", f"file://{source}", "clone")
    program = tmp_path / "program"
    program.write_text(f'#!/bin/sh\ntouch {tmp_path}/fired\nexec git-upload-pack "$@"\n')
    program.chmod(0o755)
    git(tmp_path / "clone", "config", "remote.origin.uploadpack", str(program))
    return tmp_path / "clone"


def test_nothing_is_fetched(partial, tmp_path):
    commit = resolve(partial, "HEAD")
    assert commit.names() == ("a.jsonl",)
    with pytest.raises(InputError, match=r"git can't read 'HEAD:a\.jsonl': "):
        commit.content("a.jsonl", 1000)
    assert not (tmp_path / "fired").exists()
