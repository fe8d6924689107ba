"""Folders that can't be written, and files in them that can't be read, as they really are."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from bench.host.doctor.folders import folder_checks
from bench.host.doctor.stored import stored_checks
from bench.results.journal import Journal, journal_path
from bench.results.record import Record
from tests.records import make_record
from tests.trees import tree

PROFILE = "id: mine\nlabel: Mine\n"
NOBODY = 65534


def everything_in(folder):
    return sorted((str(path), path.read_bytes() if path.is_file() else None) for path in folder.rglob("*"))


def written(root):
    """The checks of results/ and of hosts/, which change nothing."""
    before = everything_in(root)
    results, hosts = folder_checks(root)
    assert everything_in(root) == before
    assert (results.what, hosts.what) == ("folders: results/", "folders: hosts/")
    return results, hosts


def test_folders_that_can_be_written_or_made(tmp_path):
    results, hosts = written(tmp_path)
    assert (results.state, hosts.state) == ("fine", "fine")
    assert f"to be made in {tmp_path}" in results.found
    tree(tmp_path, {"results/mine/x.jsonl": "", "hosts/mine.yaml": PROFILE})
    results, hosts = written(tmp_path)
    assert (results.state, hosts.state) == ("fine", "fine")
    assert results.found.startswith("records can be written, ")


def test_a_file_where_a_folder_should_be(tmp_path):
    tree(tmp_path, {"results": "a file"})
    results, hosts = written(tmp_path)
    assert (results.state, hosts.state) == ("broken", "fine")
    assert results.found == f"{tmp_path}/results is a file where a folder should be"
    assert results.mend == f"mv {tmp_path}/results {tmp_path}/results.old"


def test_a_link_that_leads_nowhere(tmp_path):
    (tmp_path / "results").symlink_to(tmp_path / "gone")
    results, _ = written(tmp_path)
    assert (results.state, results.mend) == ("broken", f"rm {tmp_path}/results")


@pytest.fixture
def open_folder():
    """One that everybody may look into, as nobody may into pytest's own, where TMPDIR lies too."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def as_nobody(root):
    os.seteuid(NOBODY)
    try:
        return folder_checks(root)
    finally:
        os.seteuid(0)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else for a while")
def test_folders_and_files_of_somebody_else(open_folder):
    tree(open_folder, {"results/mine/cnn.jsonl": ""})
    results, hosts = as_nobody(open_folder)
    assert (results.state, hosts.state) == ("broken", "broken")
    assert results.found == f"{open_folder}/results can't be written: permission denied"
    assert results.mend == f'sudo chown -R "$USER" {open_folder}/results'
    (open_folder / "results").chmod(0o777)
    results, _ = as_nobody(open_folder)
    assert results.mend == f'sudo chown -R "$USER" {open_folder}/results/mine/cnn.jsonl'


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_folders_of_ones_own_that_are_read_only(tmp_path):
    (tmp_path / "results").mkdir(mode=0o500)
    results, _ = written(tmp_path)
    assert (results.state, results.mend) == ("broken", f"chmod -R u+rwX {tmp_path}/results")


@pytest.fixture
def mounted(tmp_path):
    """Mounts a file system of so many KiB, where this may."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mount(*options):
        again = ["-o", ",".join(options), "tmpfs", str(folder)]
        if shutil.which("mount") is None or subprocess.run(["mount", "-t", "tmpfs", *again]).returncode:
            pytest.skip("no right to mount a disk")
        return folder

    yield mount
    subprocess.run(["umount", str(folder)], check=False, capture_output=True)


def test_a_full_disk_and_one_that_is_nearly_full(mounted):
    root = mounted("size=8m")
    results, _ = folder_checks(root)
    assert (results.state, "nearly full" in results.found) == ("limited", True)
    (root / "filler").write_bytes(b"\0" * (8 * 2**20 - 4096))
    results, _ = folder_checks(root)
    assert (results.state, "no space left on device" in results.found) == ("broken", True)
    assert results.mend.startswith(f"df -h {root}  # make room")


def test_a_disk_that_is_read_only(mounted):
    root = mounted("ro")
    results, hosts = folder_checks(root)
    assert (results.state, hosts.state) == ("broken", "broken")
    assert "read-only file system" in results.found
    assert "--root DIR" in results.mend


def test_every_fault_of_every_profile_by_its_line(tmp_path):
    files = {"hosts/mine.yaml": PROFILE + "labell: x\n", "hosts/other.yaml": "id: another\nlabel: [\n"}
    faults = [one for one in stored_checks(tree(tmp_path, files)) if one.what == "folders: profiles"]
    assert {one.state for one in faults} == {"broken"}
    assert faults[0].found.startswith(f"{tmp_path}/hosts/mine.yaml:3: labell: no such key")
    assert faults[0].found.endswith("did you mean 'label'?")
    assert faults[0].mend.startswith(f"mv {tmp_path}/hosts/mine.yaml {tmp_path}/hosts/mine.yaml.aside  # or mend")
    assert any(f"{tmp_path}/hosts/other.yaml" in one.found for one in faults[1:])


def test_records_that_are_whole_torn_damaged_or_of_the_future(tmp_path):
    root = tmp_path / "a tree"
    path = journal_path(root, "mine", "cnn")

    def looked():
        return [one for one in stored_checks(root) if one.what == "folders: records"]

    root.mkdir()
    assert [one.found for one in looked()] == ["none kept yet"]
    Journal(path, Record).append(make_record())
    assert [(one.state, one.found) for one in looked()] == [("fine", "1 kept, all of them whole")]
    whole = path.read_bytes()
    path.write_bytes(b"{}x\n" + whole + whole[:100])
    damaged, torn = looked()
    assert (damaged.state, damaged.found.startswith(f"{path}:1: this line is damaged")) == ("limited", True)
    assert (torn.state, torn.found.startswith(f"{path}:3: the last line is torn")) == ("limited", True)
    assert torn.mend.startswith("bench run suites/cnn.yaml --resume")
    path.write_bytes(b'{"schema_version": 999}\n' + whole)
    (future,) = looked()
    assert (future.state, future.found.startswith(f"{path}:1: this record has schema version 999")) == ("limited", True)
    assert "update the harness" in future.found
    assert "nothing is lost" in future.mend


@pytest.mark.parametrize("lines", [[2], [3, 5], [1, 2, 6]])
def test_what_the_doctor_said_of_damaged_lines_mends_them_once(tmp_path, lines):
    path = journal_path(tmp_path / "a tree", "mine", "cnn")
    Journal(path, Record).append(make_record())
    content = b"".join(b"nonsense\n" if line in lines else path.read_bytes() for line in range(1, 8))
    path.write_bytes(content)
    (check,) = (one for one in stored_checks(tmp_path / "a tree") if one.state != "fine")
    for _ in range(2):  # as from a shell's history
        subprocess.run(check.mend, shell=True, check=True)
    assert [one.state for one in stored_checks(tmp_path / "a tree")] == ["fine", "fine"]
    assert len(Journal(path, Record).read().records) == 7 - len(lines)
    assert path.with_name(f"{path.name}.damaged-1").read_bytes() == content
    path.write_bytes(content)
    (again,) = (one for one in stored_checks(tmp_path / "a tree") if one.state != "fine")
    assert ".damaged-2" in again.mend


@pytest.mark.parametrize(
    ("name", "mend"),
    [
        ("cnn", "bench run suites/cnn.yaml --resume  # "),
        ("pairs/selftest", "nothing needs to be done"),
        ("calibration/ai-benchmark", "bench calibrate --resume  # "),
    ],
)
def test_a_torn_last_line_is_moved_aside_by_what_appends_to_that_file(tmp_path, name, mend):
    tree(tmp_path, {f"results/mine/{name}.jsonl": '{"schema_version": 1, "lab'})
    (check,) = (one for one in stored_checks(tmp_path) if one.state != "fine")
    assert (check.state, "the last line is torn" in check.found) == ("limited", True)
    assert check.mend.startswith(mend)
