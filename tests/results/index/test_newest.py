"""Reading through an index gives what reading every line gives: records, their order, and notices."""

import errno
import os
import shutil
import time

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.results.index import newest, seen, store
from bench.results.index.newest import of_newest, read_newest, read_resumable
from bench.results.query import good, latest, read_all, read_files
from bench.results.record import Record
from bench.results.window import Turns
from bench.support.side_by_side import KilledError
from tests.records import make_failed, make_record

FILES = ("a/cnn.jsonl", "a/digits.jsonl", "b/cnn.jsonl")
INDEX = "results/.index/lines.duckdb"
EXAMPLES = int(os.environ.get("BENCH_EXAMPLES", "6"))
"""Thousands are for by hand."""


@pytest.fixture(autouse=True)
def any_is_much(monkeypatch):
    """And all of it is read through the index."""
    monkeypatch.setattr(newest, "MUCH_BYTES", 0)
    monkeypatch.setattr(newest, "read_files", None)


def line(variant="notebook", day=5, run=None, place=1, seed=0, **changes):
    turns = run and Turns(run=run, round=place, group=1, place=1, cells=1, length=2, seed=0)
    return (
        make_record(variant=variant, seed=seed, started=f"2026-01-{day:02}T10:00:00+00:00", turns=turns, **changes)
        .model_dump_json()
        .encode()
    )


GOOD = [
    *(line(variant, day, run) for variant in ("notebook", "xla") for day, run in ((5, None), (6, "r1"), (7, "r2"))),
    *(line("xla", day, "r1", place) for day, place in ((5, 2), (8, 3))),
    line("xla", 9, executor="inline"),
    line("xla", 6, "r1", 2, fingerprint="other work"),
    line("notebook", 6, seed=2**64 - 1),
    line("notebook", 6, host="moved from elsewhere"),
    make_failed(variant="xla", started="2026-01-06T12:00:00+02:00").model_dump_json().encode(),
    line("a\x1b[2Jb", 6),
]
ODD = [
    b"",
    b"  \r",
    b'{"schema_version": 99}',
    b'{"schema_version": 77, "host": "x"}',
    b'{"schema_version": 6, "suite": 1}',
    b"<<<<<<< HEAD",
    b"\0\0\0",
    b"{not JSON",
    b"[1, 2]",
    GOOD[0][:200],
    GOOD[3] + b"\r",
    b"\xef\xbb\xbf" + GOOD[1],
    b"\xff\xfe",
    b"\x1f\x8bgzip",
    GOOD[2].replace(b'"schema_version":6', b'"schema_version":4'),
]
LINES = st.lists(st.sampled_from(GOOD * 2 + ODD), max_size=6)
ENDINGS = st.sampled_from([b"\n", b"\n", b"", b"\n\n", GOOD[4][:100]])


@st.composite
def steps(draw):
    """Things that befall files, one after the other."""
    kinds = ("append", "append", "write", "edit", "cut", "remove", "touch")
    return draw(
        st.lists(st.tuples(st.sampled_from(FILES), st.sampled_from(kinds), LINES, ENDINGS), min_size=2, max_size=5)
    )


def befall(path, kind, lines, ending):
    content = path.read_bytes() if path.exists() else b""
    more = b"\n".join(lines) + (ending if lines else b"")
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "append":
        with path.open("ab") as file:
            file.write(more)
    elif kind == "write":
        path.write_bytes(more)
    elif kind == "edit" and content:  # as long as before, and as old
        status = path.stat()
        with path.open("r+b") as file:
            file.write(content.replace(b"2026-01-06", b"2026-01-26").replace(b'"ok"', b'"xx"', 1))
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    elif kind == "cut":
        path.write_bytes(content[: len(content) * 2 // 3])
    elif kind == "remove":
        path.unlink(missing_ok=True)
    elif kind == "touch" and content:
        path.touch()


def both_ways(root):
    expected = of_newest(read_all(root))
    assert latest(expected.records) == latest(read_all(root).records)
    read = read_newest(root)
    assert read == expected
    assert [one.processes for one in latest(read.records)] == [one.processes for one in latest(expected.records)]


def parts_both_ways(root):
    for host, suites in ((["a"], None), (None, ["cnn"])):
        assert read_newest(root, host, suites) == of_newest(read_all(root, host, suites))
    for path in sorted((root / "results").glob("*/*.jsonl")):
        every, needed = read_files([path], Record), read_resumable(root, path)
        assert needed.notices == every.notices
        assert good(needed.records) == good(every.records)
        turns = [record.turns.run for record in every.records if record.turns]
        of_last = [record for record in every.records if record.turns and record.turns.run == turns[-1]]
        assert [one for one in needed.records if one.turns and one.turns.run == turns[-1]] == of_last


@settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps())
def test_an_index_reads_what_is_there_whatever_befell_the_files(tmp_path, steps):
    shutil.rmtree(tmp_path / "results", ignore_errors=True)
    for file, kind, lines, ending in steps:
        befall(tmp_path / "results" / file, kind, lines, ending)
        both_ways(tmp_path)
    parts_both_ways(tmp_path)


@pytest.fixture
def tree(tmp_path):
    for file in FILES:
        befall(tmp_path / "results" / file, "append", GOOD[:4], b"\n")
    return tmp_path


@pytest.fixture
def settled(monkeypatch):
    """Files count as old enough to be told by their times alone."""
    monkeypatch.setattr(seen, "_SETTLED_NS", 0)
    time.sleep(0.02)  # the kernel's clock of files ticks so often


def lines_read(monkeypatch):
    """The bytes that are parsed from now on, call by call."""
    calls = []
    real = newest.each_line

    def counted(content, *arguments, **named):
        calls.append(len(content))
        return real(content, *arguments, **named)

    monkeypatch.setattr(newest, "each_line", counted)
    monkeypatch.setattr("bench.results.index.files.each_line", counted)
    return calls


def test_only_the_newest_lines_are_parsed_the_second_time(tree, settled, monkeypatch):
    befall(tree / "results" / FILES[0], "append", [line(day=day) for day in range(10, 28)], b"\n")
    time.sleep(0.02)
    first = read_newest(tree)
    calls = lines_read(monkeypatch)
    assert read_newest(tree) == first
    size = sum((tree / "results" / file).stat().st_size for file in FILES)
    assert 0 < sum(calls) < size / 3
    assert len(calls) >= len(FILES)


def test_of_a_file_that_grew_only_what_is_new_is_parsed(tree, monkeypatch):
    read_newest(tree)
    monkeypatch.setattr("bench.support.side_by_side._may_fork", lambda: False)  # to be seen at work
    more = line("xla", 20)
    befall(tree / "results" / FILES[1], "append", [more], b"\n")
    calls = lines_read(monkeypatch)
    assert more in [record.model_dump_json().encode() for record in read_newest(tree).records]
    assert calls[:6].count(len(more) + 1) == 1
    assert calls[2:4] == [len(more) + 1, 0]


def test_an_edit_that_keeps_size_and_times_is_noticed(tree):
    path = tree / "results" / FILES[0]
    both_ways(tree)
    befall(path, "edit", [], b"")
    both_ways(tree)


def test_a_file_that_takes_the_place_of_another_is_noticed(tree, settled):
    path = tree / "results" / FILES[0]
    both_ways(tree)
    status = path.stat()
    other = path.with_name("other")
    other.write_bytes(path.read_bytes().replace(b"2026-01-06", b"2026-01-26"))
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.replace(path)
    both_ways(tree)


@pytest.mark.parametrize("damage", ["junk", "cut", "empty", "zeros", "version", "folder", "link"])
def test_an_index_that_cannot_be_trusted_is_made_anew(tree, damage):
    expected = read_newest(tree)
    index = tree / INDEX
    content = index.read_bytes()
    if damage == "version":
        with duckdb.connect(index) as connection:
            connection.execute("UPDATE made SET made_by = 'another version'")
    elif damage in ("folder", "link"):
        index.unlink()
        index.mkdir() if damage == "folder" else index.symlink_to(tree / "results" / FILES[0])
    else:
        half = len(content) // 2
        damaged = {"junk": b"\x07" * len(content), "cut": content[:half], "empty": b"", "zeros": bytes(len(content))}
        index.write_bytes(damaged[damage])
    read = read_newest(tree)
    assert read.records == expected.records
    if damage == "folder":
        assert "can't be kept" in read.notices[-1]
    else:
        assert read.notices == ()
        assert index.is_file()
        assert not index.is_symlink()


def test_an_index_that_says_other_than_the_files_is_made_anew(tree, settled):
    expected = read_newest(tree)
    with duckdb.connect(tree / INDEX) as connection:
        connection.execute("UPDATE lines SET rank = rank + 1, start = start + 1 WHERE line > 2")
    assert read_newest(tree) == expected
    with duckdb.connect(tree / INDEX, read_only=True) as connection:
        assert connection.execute("SELECT min(start) FROM lines").fetchall() == [(0,)]


def test_a_folder_that_cannot_be_written_costs_a_notice(tree):
    (tree / "results" / ".index").write_text("a file in its place")
    read = read_newest(tree)
    assert read.records == of_newest(read_all(tree)).records
    assert len(read.notices) == 1
    assert "each time" in read.notices[0]


def test_a_disk_that_is_full_costs_a_notice(tree, monkeypatch):
    read_newest(tree)
    befall(tree / "results" / FILES[0], "append", [line("xla", 20)], b"\n")

    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(shutil, "copyfile", full)
    read = read_newest(tree)
    assert read.records == of_newest(read_all(tree)).records
    assert "No space left" in read.notices[-1]


def test_a_link_that_leads_the_index_elsewhere_is_not_followed(tree, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (tree / "results" / ".index").symlink_to(elsewhere)
    assert read_newest(tree).records == of_newest(read_all(tree)).records
    assert list(elsewhere.iterdir()) == []


def test_who_reads_goes_on_while_another_changes_the_index(tree):
    read_newest(tree)
    with store.opened(tree / INDEX, store.stamp()) as connection:
        count = connection.execute("SELECT count(*) FROM lines").fetchall()
        befall(tree / "results" / FILES[0], "append", [line("xla", 20)], b"\n")
        both_ways(tree)
        assert connection.execute("SELECT count(*) FROM lines").fetchall() == count


def test_git_and_whoever_looks_for_results_pass_over_it(tree):
    read_newest(tree)
    folder = tree / "results" / ".index"
    assert (folder / ".gitignore").read_text() == "*\n"
    assert [path.name for path in sorted(folder.iterdir())] == [".gitignore", "lines.duckdb"]
    assert not list((tree / "results").glob("*/*.json*"))[len(FILES) :]


def test_little_is_read_without_duckdb(tree, monkeypatch):
    monkeypatch.undo()
    assert read_newest(tree) == of_newest(read_all(tree))
    assert not (tree / "results" / ".index").exists()


def test_a_process_that_is_killed_while_it_reads_costs_the_index_alone(tree, monkeypatch):
    def killed(*_):
        raise KilledError("killed")

    monkeypatch.setattr("bench.results.index.files.side_by_side", killed)
    monkeypatch.setattr(newest, "read_files", read_files)
    assert read_newest(tree) == of_newest(read_all(tree))
    assert not (tree / INDEX).exists()
