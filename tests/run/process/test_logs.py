"""Logs stay as long as a record names them, or a run is at work on them; and none fills the disk."""

import json
import os

import pytest

from bench.results.journal import Journal, JournalError, journal_path
from bench.results.record import Failure, Record
from bench.run.job import Outcome
from bench.run.process import logs
from bench.run.process.logs import bound, drop, held, sweep_logs, tidy
from tests.records import make_record

TIMES = "20260105T101112", "20260105T101113", "20260105T101114"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "results" / "box"


def log(folder, time, cell="vgg16_xla_b128"):
    path = folder / "logs" / "cnn" / f"{cell}-{time}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("what it said\n")
    return path


def keep(root, path):
    failure = Failure(stage="windows", message="killed by SIGSEGV", log=path.relative_to(root).as_posix())
    record = make_record().model_copy(update={"host": "box", "status": "crashed", "failure": failure})
    Journal(journal_path(root, "box", record.suite), Record).append(record)


def test_logs_that_no_record_names_and_no_run_holds_are_removed(tmp_path, folder):
    named, under_way, left = (log(folder, time) for time in TIMES)
    keep(tmp_path, named)
    with held(under_way):
        assert sweep_logs(folder) == 1
        assert [path.exists() for path in (named, under_way, left)] == [True, True, False]
    assert sweep_logs(folder) == 1
    assert [path.exists() for path in (named, under_way)] == [True, False]


def test_names_are_known_however_json_writes_them_and_not_by_their_time_alone(tmp_path, folder):
    plain, escaped, other = (log(folder, TIMES[0], cell) for cell in ("größe_b1", 'a"size"é', "another"))
    keep(tmp_path, plain)
    with (folder / "cnn.jsonl").open("a") as file:
        file.write(json.dumps({"failure": {"log": str(escaped.relative_to(tmp_path))}}) + "\n")
    assert sweep_logs(folder) == 1
    assert [path.exists() for path in (plain, escaped, other)] == [True, True, False]


def test_a_log_that_a_torn_line_names_stays(tmp_path, folder):
    path = log(folder, TIMES[0])
    (folder / "cnn.jsonl.torn-1").write_text(f'{{"failure": {{"log": "{path.relative_to(tmp_path)}"')
    assert sweep_logs(folder) == 0


def test_what_is_no_log_of_a_cell_stays(tmp_path, folder):
    (elsewhere := tmp_path / "elsewhere").mkdir()
    own = elsewhere / f"mine-{TIMES[0]}.log"
    own.write_text("mine")
    (folder / "logs").mkdir(parents=True)
    (folder / "logs" / "linked").symlink_to(elsewhere)
    log(folder, TIMES[1]).with_name(f"link-{TIMES[2]}.log").symlink_to(own)
    os.mkfifo(log(folder, TIMES[1]).with_name(f"pipe-{TIMES[2]}.log"))
    notes = log(folder, TIMES[1]).with_name("notes.log")
    notes.write_text("mine")
    sweep_logs(folder)
    assert own.read_text() == notes.read_text() == "mine"
    assert (notes.with_name(f"link-{TIMES[2]}.log")).is_symlink()


def test_the_last_log_takes_its_folders_along(folder):
    first, second = (log(folder, time) for time in TIMES[:2])
    drop(first)
    assert second.exists()
    tidy(second, Outcome("ok", "windows"), folder.parent.parent)
    assert not (folder / "logs").exists()


def test_a_log_that_cannot_be_written_is_told_with_what_to_do(folder):
    folder.mkdir(parents=True)
    (folder / "logs").write_text("in the way")
    with (
        pytest.raises(JournalError, match=r"cell\.log: can't be written .*--resume"),
        held(folder / "logs" / "cell.log"),
    ):
        pass


def test_one_that_grows_without_end_is_cut_to_its_beginning_and_goes_on(folder, monkeypatch):
    monkeypatch.setattr(logs, "MOST_BYTES", 3 << 20)
    path = log(folder, TIMES[0])
    with path.open("ab", buffering=0) as file:
        file.write(b"x" * (2 << 20))
        bound(path)
        assert path.stat().st_size > 2 << 20
        file.write(b"x" * (2 << 20))
        bound(path)
        file.write(b"the last words\n")
    beginning, note, end = path.read_bytes().split(b"\n", 1)[0], *path.read_bytes().splitlines()[-2:]
    assert beginning == b"what it said"
    assert note == f"[bench: {(4 << 20) + 13 - (1 << 20):,} bytes were left out here]".encode()
    assert end == b"the last words"
    assert path.stat().st_size < 2 << 20
