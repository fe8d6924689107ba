"""What killed processes leave of files that they were writing is removed, and what others are at work on stays."""

import fcntl
import os
import subprocess
import sys
import time
from contextlib import ExitStack

import pytest

from bench.run.process.scratch import sweep
from bench.support.files import write_whole, writing
from bench.support.partial_files import boot_mark, remove_partial_files

WRITER = """
import sys, time
from pathlib import Path
from bench.support.files import writing

with writing(Path(sys.argv[1])) as file:
    file.write(bytes(3 << 20))
    file.flush()
    print(flush=True)
    time.sleep(600)
"""


def names(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_killed_writers_file_is_removed_and_told_of_and_a_live_ones_stays(tmp_path):
    folders = [tmp_path / "results" / "box" / "weights" / name for name in ("killed", "live")]
    told = []
    with ExitStack() as stack:
        for folder in folders:
            command = [sys.executable, "-c", WRITER, str(folder / "m.keras")]
            writer = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE))
            stack.callback(writer.kill)
            writer.stdout.readline()
            if folder.name == "killed":
                writer.kill()
                writer.wait()
        for _ in range(2):
            sweep(tmp_path, told.append)
            assert told == [f"removed 1 file (3.0 MiB) that killed runs had left in {tmp_path / 'results'}"]
            assert [len(names(folder)) for folder in folders] == [0, 1]


def test_one_of_another_machine_stays_for_an_hour(tmp_path):
    path = tmp_path / "deep" / ".m.keras.01234567.new"
    path.parent.mkdir()
    path.write_bytes(b"abc")
    assert remove_partial_files(tmp_path) == []
    os.utime(path, (then := time.time() - 4000, then))
    with path.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert remove_partial_files(tmp_path) == []
    assert remove_partial_files(tmp_path) == [3]
    assert names(tmp_path) == []


@pytest.mark.parametrize("name", [".notes.new", "m.keras.{}.new", ".m.{}.new.keras", ".m.{}-1.new", "new", ".new"])
def test_what_is_called_otherwise_stays(tmp_path, name):
    path = tmp_path / name.format(boot_mark())
    path.write_text("mine")
    assert remove_partial_files(tmp_path) == []
    assert path.read_text() == "mine"


def test_links_and_other_users_files_stay(tmp_path, monkeypatch):
    (victim := tmp_path / "victim").write_text("mine")
    link, other, twice = (tmp_path / f".{name}.{boot_mark()}.new" for name in ("link", "other", "twice"))
    link.symlink_to(victim)
    os.link(victim, twice)
    other.write_text("theirs")
    with monkeypatch.context() as patch:
        patch.setattr(os, "geteuid", lambda: os.getuid() + 1)
        assert remove_partial_files(tmp_path) == []
    assert remove_partial_files(tmp_path) == [6]
    assert victim.read_text() == "mine"
    assert link.is_symlink()


def test_a_second_writers_file_is_known_too(tmp_path):
    with writing(tmp_path / "a"), writing(tmp_path / "a") as second:
        second.write(b"second")
        beside = names(tmp_path)
        assert len(beside) == 2
        assert remove_partial_files(tmp_path) == []
        for name in beside:
            (tmp_path / name.replace(".a.", ".b.")).write_text("left")
        assert remove_partial_files(tmp_path) == [4, 4]
    assert names(tmp_path) == ["a"]


def test_a_folder_without_locks_keeps_one_file_alone(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", refuse)
    write_whole(tmp_path / "a", "whole")
    assert names(tmp_path) == ["a"]
    (tmp_path / f".a.{boot_mark()}.new").write_text("left")
    assert remove_partial_files(tmp_path) == []
