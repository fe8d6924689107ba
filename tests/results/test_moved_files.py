"""What is moved with a host beside its journals, whatever it is."""

import os

import pytest

from bench.errors import InputError
from bench.host.moving import merge, rename
from bench.host.profile import HostProfile, profile_path, save
from bench.results.journal import Journal, journal_path
from bench.results.record import Record
from tests.records import make_record


@pytest.fixture
def tree(tmp_path):
    """Two hosts with records."""
    for host in ("old", "there"):
        save(HostProfile(id=host, label=host), profile_path(tmp_path, host))
        Journal(journal_path(tmp_path, host, "cnn"), Record).append(make_record(host=host))
    return tmp_path


def put(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def listed(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


def test_every_figure_moves_and_none_is_left(tree):
    figures = tree / "results/figures"
    names = ["cnn-speedup.png", "cnn-speedup.svg", "digits/curve.png", "digits/curve.svg", "later.pdf"]
    for name in names:
        put(figures / "old" / name, "drawn")
    put(figures / "there/cnn-speedup.svg", "theirs")
    rename(tree, "old", "new")
    assert listed(figures / "new") == sorted(names)
    assert not (figures / "old").exists()
    merge(tree, "new", "there", force=True)
    assert listed(figures / "there") == sorted(names)
    assert (figures / "there/cnn-speedup.svg").read_text() == "theirs"
    assert not (figures / "new").exists()


def test_weights_checkpoints_and_logs_move_too(tree):
    names = ["weights/digits/a-0.keras", "checkpoints/digits/a-0/training.npz", "logs/cnn/a.log", "cnn.jsonl"]
    for name in names[:3]:
        put(tree / "results/old" / name, name)
    rename(tree, "old", "new")
    assert listed(tree / "results/new") == sorted(names)
    assert not (tree / "results/old").exists()


def test_what_is_no_file_moves_as_it_is(tree):
    victim = tree.parent / "victim.json"
    victim.write_text('{"host": "old"}')
    folder = tree / "results/old"
    os.mkfifo(folder / "pipe.jsonl")
    os.mkfifo(folder / "pipe.json")
    (folder / "link.json").symlink_to(victim)
    (folder / "link.jsonl").symlink_to("/dev/zero")
    notices = rename(tree, "old", "new").notices
    assert listed(tree / "results/new") == ["cnn.jsonl", "link.json", "link.jsonl", "pipe.json", "pipe.jsonl"]
    assert victim.read_text() == '{"host": "old"}'
    assert len(notices) == 2


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=["pipe", "folder"])
def test_records_go_into_no_pipe_and_no_folder(tree, make):
    place = tree / "results/there/digits.jsonl"
    make(place)
    Journal(journal_path(tree, "old", "digits"), Record).append(make_record(host="old", suite="digits"))
    before = listed(tree)
    with pytest.raises(InputError, match=r"digits\.jsonl: is no regular file, so that no records can go into it"):
        merge(tree, "old", "there", force=True)
    assert listed(tree) == before
