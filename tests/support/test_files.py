"""The door to files that may come from others, and the way in which files are written."""

import os
import resource
import socket
import subprocess
import sys
import textwrap

import pytest

from bench.support.files import RefusedError, is_regular, keep_within, open_regular, read_regular, write_whole, writing
from bench.support.partial_files import boot_mark

MOST = 2**20


@pytest.fixture
def tree(tmp_path):
    """A working tree, and beside it a file that is nobody's business."""
    for folder in ("tree/results/host", "tree/hosts", "elsewhere"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "elsewhere/victim").write_text("mine")
    return tmp_path / "tree"


def refused(path, **how):
    with pytest.raises(RefusedError) as raised:
        read_regular(path, MOST, **how)
    assert raised.value.filename == str(path)
    return raised.value.strerror


def test_what_is_no_regular_file_is_refused_at_once(tree, monkeypatch):
    folder = tree / "results/host"
    os.mkfifo(folder / "pipe.jsonl")
    (folder / "folder.jsonl").mkdir()
    (folder / "device.jsonl").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listener:
        monkeypatch.chdir(folder)  # a socket's address is shorter than many a path
        listener.bind("socket.jsonl")
        assert refused(folder / "socket.jsonl") == "is a socket"
    assert refused(folder / "pipe.jsonl") == "is a named pipe"
    assert refused(folder / "folder.jsonl") == "is a folder"
    assert refused(folder / "device.jsonl") == "is a link that leads out of its tree"
    assert refused(folder / "device.jsonl", follow=True) == "is a device"
    with pytest.raises(RefusedError, match="is a named pipe"):
        open_regular(folder / "pipe.jsonl", os.O_WRONLY | os.O_CREAT)


def test_a_link_is_followed_within_its_tree_alone(tree):
    (tree / "results/host/cnn.jsonl").write_text("records")
    within = tree / "hosts/other.yaml"
    within.symlink_to("../results/host/cnn.jsonl")
    assert read_regular(within, MOST) == b"records"
    away = tree / "results/host/away.jsonl"
    away.symlink_to("../../../elsewhere/victim")
    assert refused(away) == "is a link that leads out of its tree"
    assert read_regular(away, MOST, follow=True) == b"mine"
    with pytest.raises(RefusedError, match="leads out of its tree"):
        open_regular(away, os.O_WRONLY | os.O_TRUNC)
    assert (tree.parent / "elsewhere/victim").read_text() == "mine"
    away.unlink()
    away.symlink_to("nowhere")
    assert refused(away) == "is a link that leads nowhere"
    assert not is_regular(within)
    assert is_regular(tree / "results/host/cnn.jsonl")


def test_results_may_lie_on_another_disk(tree):
    (tree / "results/host/cnn.jsonl").write_text("records")
    (tree / "results/host/same.jsonl").symlink_to("cnn.jsonl")
    (tree / "results").rename(tree.parent / "disk")
    (tree / "results").symlink_to(tree.parent / "disk")
    assert read_regular(tree / "results/host/cnn.jsonl", MOST) == b"records"
    assert read_regular(tree / "results/host/same.jsonl", MOST) == b"records"
    keep_within(tree / "results/figures/host/cnn.png", tree / "results")


def test_no_more_is_read_than_was_asked_for(tree):
    path = tree / "results/host/cnn.jsonl"
    path.write_bytes(b"x" * MOST)
    assert len(read_regular(path, MOST)) == MOST
    os.truncate(path, 2**40)  # a hole: nothing lies on the disk
    assert refused(path) == "is larger than the 1 MiB that are read"


def test_what_is_written_takes_the_place_of_a_link_and_keeps_a_files_mode(tree):
    victim, path = tree.parent / "elsewhere/victim", tree / "results/report.md"
    path.symlink_to(victim)
    write_whole(path, "ours")
    assert (victim.read_text(), path.read_text(), path.is_symlink()) == ("mine", "ours", False)
    path.chmod(0o640)
    write_whole(path, b"newer")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("newer", 0o640)
    assert [one.name for one in path.parent.iterdir() if one.is_file()] == ["report.md"]


def test_what_lies_beside_is_never_written_through(tree):
    victim, path = tree.parent / "elsewhere/victim", tree / "results/report.md"
    beside = tree / f"results/.report.md.{boot_mark()}.new"
    for make in (lambda: beside.symlink_to(victim), lambda: os.mkfifo(beside), lambda: os.link(victim, beside)):
        make()
        write_whole(path, "ours")
        assert (victim.read_text(), path.read_text(), os.path.lexists(beside)) == ("mine", "ours", False)


def test_two_writers_at_once_leave_one_whole_file(tree):
    path = tree / "results/report.md"
    with writing(path) as first:
        first.write(b"first")
        write_whole(path, "second")
        assert path.read_text() == "second"
    assert path.read_text() == "first"
    assert [one.name for one in path.parent.iterdir() if one.is_file()] == ["report.md"]


def test_what_cannot_be_written_leaves_all_as_it_was(tree):
    path = tree / "results/report.md"
    path.write_text("before")
    with pytest.raises(ZeroDivisionError), writing(path) as file:
        file.write(b"%d" % (1 // 0))
    program = textwrap.dedent(
        f"""\
        import resource
        from pathlib import Path
        from bench.support.files import write_whole
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, {resource.RLIM_INFINITY}))
        try:
            write_whole(Path({str(path)!r}), "x" * 5000)
        except OSError as error:
            print(error.filename, error.strerror)
        """
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == f"{path} File too large\n"
    assert path.read_text() == "before"
    assert [one.name for one in path.parent.iterdir() if one.is_file()] == ["report.md"]


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_nothing_but_a_file_is_replaced(tree, make):
    make(tree / "results/report.md")
    with pytest.raises(RefusedError, match="is a"):
        write_whole(tree / "results/report.md", "ours")
    assert [one.name for one in (tree / "results").iterdir()] in (["host", "report.md"], ["report.md", "host"])


def test_a_long_name_is_no_hindrance(tree):
    path = tree / "results" / ("é" * 120 + ".png")
    write_whole(path, b"drawn")
    assert path.read_bytes() == b"drawn"


def test_a_folder_that_leads_away_is_not_written_to(tree):
    (tree / "results/figures").symlink_to(tree.parent / "elsewhere")
    with pytest.raises(RefusedError, match=r"lies, by a link, outside of .*results"):
        keep_within(tree / "results/figures/victim", tree / "results")
