import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.errors import InputError
from bench.results.journal import Journal
from bench.results.record import Record
from bench.results.writable import writable
from tests.records import make_record

HERE = Path(__file__).parents[2]


def everything(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_a_fresh_tree_is_writable_and_stays_fresh(tmp_path):
    writable(tmp_path / "results" / "host" / "cnn.jsonl")
    assert everything(tmp_path) == []


def test_an_existing_file_stays_as_it_is(tmp_path):
    path = tmp_path / "results" / "cnn.jsonl"
    Journal(path, Record).append(make_record())
    before = path.read_bytes()
    writable(path)
    assert path.read_bytes() == before
    assert everything(tmp_path) == ["results", "results/cnn.jsonl"]


def refused(path):
    with pytest.raises(InputError, match="results can't be written here") as raised:
        writable(path)
    (fault,) = raised.value.faults
    assert fault.file == path
    assert fault.hint


def test_a_file_where_a_folder_should_be(tmp_path):
    (tmp_path / "results").write_text("not a folder")
    refused(tmp_path / "results" / "host" / "cnn.jsonl")
    assert (tmp_path / "results").read_text() == "not a folder"


def test_a_folder_where_the_file_should_be(tmp_path):
    (tmp_path / "cnn.jsonl").mkdir()
    refused(tmp_path / "cnn.jsonl")


def test_a_link_that_leads_nowhere(tmp_path):
    (tmp_path / "results").symlink_to(tmp_path / "gone" / "results")
    refused(tmp_path / "results" / "host" / "cnn.jsonl")
    assert everything(tmp_path) == ["results"]


@pytest.mark.skipif(os.geteuid() == 0, reason="permissions don't hold root back")
def test_a_folder_without_permission(tmp_path):
    (tmp_path / "results").mkdir(mode=0o555)
    refused(tmp_path / "results" / "host" / "cnn.jsonl")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc here")
def test_a_file_system_that_takes_no_files():
    refused(Path("/proc/results/host/cnn.jsonl"))


def test_a_disk_without_room(tmp_path):
    """A limit on the size of files stands in for the full disk."""
    code = (
        "import resource, sys; from pathlib import Path; from bench.errors import InputError;"
        "from bench.results.writable import writable; resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try: writable(Path(sys.argv[1]))\nexcept InputError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "results" / "cnn.jsonl"],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(HERE), *(p for p in sys.path if p)])},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "results can't be written here (File too large)" in done.stdout
    assert everything(tmp_path) == []


def test_what_holds_no_records_is_found_before_the_run(tmp_path):
    path = tmp_path / "cnn.jsonl"
    path.write_bytes(gzip.compress(b'{"schema_version": 3}\n'))
    with pytest.raises(InputError, match="compressed with gzip"):
        writable(path)
