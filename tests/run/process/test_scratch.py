"""Folders that killed runs have left are removed, and no others."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from bench.run.process.scratch import BESIDE_RESULTS, scratch_folder, sweep

HOLDER = """
import sys, time
from pathlib import Path
from bench.run.process.scratch import scratch_folder

within, prefix = sys.argv[1:]
with scratch_folder(Path(within), prefix) as folder:
    (folder / "data").mkdir()
    (folder / "data" / "images.npy").write_bytes(bytes(3 << 20))
    print(folder, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def tmp(tmp_path, monkeypatch):
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def hold(folder, prefix="bench-"):
    return subprocess.Popen([sys.executable, "-c", HOLDER, str(folder), prefix], stdout=subprocess.PIPE, text=True)


def kill(process):
    if process.poll() is None:
        process.send_signal(signal.SIGKILL)
        process.communicate()


def swept(root):
    told = []
    sweep(root, told.append)
    return told


def test_what_killed_runs_left_is_removed_and_told_of_and_what_is_held_stays(tmp, tmp_path):
    (tmp_path / "results").mkdir()
    killed, live, roofs = hold(tmp), hold(tmp), hold(tmp_path / "results", BESIDE_RESULTS)
    try:
        folders = [process.stdout.readline().strip() for process in (killed, live, roofs)]
        kill(killed)
        kill(roofs)
        assert swept(tmp_path) == [
            f"removed 1 folder (3.0 MiB) that killed runs had left in {tmp}",
            f"removed 1 folder (3.0 MiB) that killed runs had left in {tmp_path / 'results'}",
        ]
        assert [Path(folder).exists() for folder in folders] == [False, True, False]
        assert swept(tmp_path) == []
    finally:
        for process in (killed, live, roofs):
            kill(process)


def test_a_link_a_file_and_other_programs_folders_stay(tmp, tmp_path):
    with scratch_folder() as folder:
        start = folder.name[: -len("12345678")]
    (elsewhere := tmp_path / "elsewhere").mkdir()
    (elsewhere / "precious").write_text("mine")
    (tmp / f"{start}alinkaaa").symlink_to(elsewhere)
    (tmp / f"{start}afileaaa").write_text("mine")
    (tmp / "bench-00000000-ofanother").mkdir()
    (tmp / "bench-notes").mkdir()
    (dead := tmp / f"{start}leftover").mkdir()
    (dead / "link").symlink_to(elsewhere)
    before = {path.name for path in tmp.iterdir()}
    assert swept(tmp_path) == [f"removed 1 folder (0 bytes) that killed runs had left in {tmp}"]
    assert before - {path.name for path in tmp.iterdir()} == {dead.name}
    assert (elsewhere / "precious").read_text() == "mine"


def test_one_without_its_name_stays_for_an_hour(tmp, tmp_path):
    with scratch_folder() as folder:
        start = folder.name[: -len("12345678")]
    (new := tmp / f"{start}new-12345678").mkdir()
    assert swept(tmp_path) == []
    os.utime(new, (then := time.time() - 4000, then))
    assert len(swept(tmp_path)) == 1
    assert not new.exists()


def test_another_users_folder_stays(tmp, tmp_path, monkeypatch):
    with scratch_folder() as folder:
        start = folder.name[: -len("12345678")]
    (tmp / f"{start}leftover").mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert swept(tmp_path) == []


def test_it_is_gone_after_the_block_with_all_that_is_in_it(tmp):
    with scratch_folder() as folder:
        assert folder.parent == tmp
        (folder / "a" / "b").mkdir(parents=True)
    assert list(tmp.iterdir()) == []
