"""Results files that aren't: each costs itself alone, and is told for what it is."""

import gzip
import os

import pytest

from bench.errors import InputError
from bench.results import reading
from bench.results.journal import Journal, JournalError, journal_path
from bench.results.query import read_all
from bench.results.reading import UnreadableError, read
from bench.results.record import Record
from bench.results.sides import read_side
from tests.records import make_record

RECORD = make_record().model_dump_json().encode()


@pytest.fixture
def path(tmp_path):
    """Where a results file would lie, beside one that is whole."""
    Journal(journal_path(tmp_path, "good", "cnn"), Record).append(make_record(host="good"))
    path = journal_path(tmp_path, "strange", "cnn")
    path.parent.mkdir()
    return path


MAKERS = {
    "is a named pipe": os.mkfifo,
    "is a folder": os.mkdir,
    "is a link that leads out of its tree": lambda path: path.symlink_to("/dev/zero"),
    "is a link that leads nowhere": lambda path: path.symlink_to("gone"),
    "is larger than the 256 MiB that are read": lambda path: (path.touch(), os.truncate(path, 2**40)),
    "compressed with gzip": lambda path: path.write_bytes(gzip.compress(RECORD)),
    "in UTF-16": lambda path: path.write_text(RECORD.decode(), encoding="utf-16"),
}


@pytest.mark.parametrize("what", MAKERS)
def test_a_file_that_is_none_costs_itself_alone(path, what):
    MAKERS[what](path)
    found = read_all(path.parents[2])
    assert [record.host for record in found.records] == ["good"]
    (notice,) = found.notices
    assert notice.startswith(f"{path}: ")
    assert what in notice
    assert notice.endswith("it was passed over")
    with pytest.raises(UnreadableError, match=what):
        read(path)
    alone = {"is a folder": "there is no record", "is a link that leads nowhere": "no such file or folder"}
    with pytest.raises(InputError, match=alone.get(what, what)):  # where it is the one thing that was asked for
        read_side(path.parents[2], str(path))


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=["pipe", "folder"])
def test_nothing_is_added_to_what_is_no_file(path, make):
    make(path)
    with pytest.raises(JournalError, match="could not be kept"):
        Journal(path, Record).append(make_record())


def test_nothing_is_added_where_a_link_leads_away(path):
    away = path.parents[2].with_name("victim")
    away.write_text("mine")
    path.symlink_to(away)
    with pytest.raises(JournalError, match="leads out of its tree"):
        Journal(path, Record).append(make_record())
    assert away.read_text() == "mine"


def test_a_mark_and_windows_line_ends_are_read(path):
    path.write_bytes(b"\xef\xbb\xbf" + RECORD + b"\r\n" + RECORD + b"\r\n")
    found = read(path)
    assert (len(found.records), found.notices) == (2, ())


def test_a_merge_that_was_not_resolved_costs_its_markers_alone(path):
    lines = [b"<<<<<<< HEAD", RECORD, b"=======", RECORD, b">>>>>>> theirs"]
    path.write_bytes(b"\n".join(lines) + b"\n")
    found = read(path)
    assert len(found.records) == 2
    assert [notice.partition(": ")[0] for notice in found.notices] == [f"{path}:{number}" for number in (1, 3, 5)]
    assert all("git conflict marker: resolve the merge" in notice for notice in found.notices)


def test_no_more_is_read_than_the_bound(path, monkeypatch):
    monkeypatch.setattr(reading, "MOST_BYTES", len(RECORD))
    path.write_bytes(RECORD)
    assert len(read(path).records) == 1
    path.write_bytes(RECORD + b"\n")
    with pytest.raises(UnreadableError, match="larger"):
        read(path)
