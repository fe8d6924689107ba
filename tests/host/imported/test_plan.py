import json

import pytest

from bench.errors import InputError
from bench.host.imported.plan import import_hosts
from bench.host.profile import load
from tests.host.imported.printed import printed
from tests.host.imported.test_pytest_benchmark import FOREIGN


@pytest.fixture
def theirs(tmp_path):
    (tmp_path / "tree").mkdir()
    (tmp_path / "ai.txt").write_text(printed(gpus=("NVIDIA GeForce RTX 3090",)))
    (tmp_path / "0001.json").write_text(json.dumps(FOREIGN, indent=1))
    return tmp_path


def refused(theirs, *names, **more):
    """What is said, with nothing written."""
    before = sorted(path.read_bytes() for path in theirs.rglob("*.yaml"))
    with pytest.raises(InputError) as raised:
        import_hosts(theirs / "tree", [theirs / name for name in names], **more)
    assert sorted(path.read_bytes() for path in theirs.rglob("*.yaml")) == before
    return [str(fault) for fault in raised.value.faults]


def test_each_file_is_a_host_marked_as_imported(theirs):
    made = import_hosts(theirs / "tree", [theirs / "ai.txt", theirs / "0001.json"])
    assert [one.profile.id for one in made] == ["imported-rtx-3090", "imported-cpu-amd-ryzen-9-7950x-32c"]
    for one in made:
        assert load(one.path) == one.profile
        assert "not measured by us" in one.profile.published.source
        assert one.profile.label.endswith("(imported)")
        assert (one.profile.hardware, one.profile.ai_benchmark) == (None, {})


def test_again_is_no_change_and_a_dry_run_writes_nothing(theirs):
    (dry,) = import_hosts(theirs / "tree", [theirs / "ai.txt"], dry_run=True)
    assert not dry.path.exists()
    import_hosts(theirs / "tree", [theirs / "ai.txt"])
    before = dry.path.stat().st_mtime_ns
    (again,) = import_hosts(theirs / "tree", [theirs / "ai.txt"])
    assert again.unchanged
    assert dry.path.stat().st_mtime_ns == before


def test_a_host_that_is_there_stays_and_what_differs_is_said(theirs):
    import_hosts(theirs / "tree", [theirs / "ai.txt"])
    (theirs / "ai.txt").write_text(printed(gpus=("NVIDIA GeForce RTX 3090",), scores=(8000, 7248)))
    said = refused(theirs, "ai.txt")
    assert "there is a host 'imported-rtx-3090' already" in said[0]
    assert "--as ID" in said[0]
    assert any("published.inference_score: 7000 there, 8000 in the file" in line for line in said)
    (one,) = import_hosts(theirs / "tree", [theirs / "ai.txt"], "lab-3090")
    assert load(one.path).published.inference_score == 8000
    assert "already" in refused(theirs, "0001.json", name="colab-t4")[0]


def test_one_bad_file_keeps_all_from_being_written(theirs):
    (theirs / "bad.txt").write_text("Device AI Score: none\n")
    said = refused(theirs, "ai.txt", "bad.txt", "nowhere.json")
    assert [line.partition(str(theirs))[2].split(":")[0] for line in said] == ["/bad.txt", "/nowhere.json"]


def test_two_files_of_one_machine_and_an_id_for_two_files(theirs):
    (theirs / "again.txt").write_text(printed(gpus=("RTX 3090",)))
    assert "is of a host 'imported-rtx-3090', as" in refused(theirs, "ai.txt", "again.txt")[0]
    assert "these are 2 files" in refused(theirs, "ai.txt", "0001.json", name="mine")[0]


@pytest.mark.parametrize("name", ["../x", "A", "", "a/b", "figures", "x" * 100])
def test_an_id_that_leads_elsewhere(theirs, name):
    assert "can't be a host's id" in refused(theirs, "ai.txt", name=name)[0]


def test_whatever_a_device_is_called_its_file_lies_among_hosts(theirs):
    for name in ("../../etc/passwd", "\x1b[2J$(rm -rf)", "漢字 3", "a" * 5000):
        (theirs / "ai.txt").write_text(printed(gpus=(name,)))
        (one,) = import_hosts(theirs / "tree", [theirs / "ai.txt"], dry_run=True)
        assert one.path.parent == theirs / "tree" / "hosts"
        assert "\x1b" not in one.profile.model_dump_json() + one.profile.label
        assert len(one.profile.published.gpu_name) <= 160


def test_without_a_device_it_needs_a_name(theirs):
    (theirs / "ai.txt").write_text("Device Inference Score: 7000\n")
    assert "--as ID names it" in refused(theirs, "ai.txt")[0]
    (one,) = import_hosts(theirs / "tree", [theirs / "ai.txt"], "a-card")
    assert (one.profile.label, one.profile.published.inference_score) == ("a-card (imported)", 7000)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\x1f\x8b\x08", "is compressed with gzip"),
        (b"<!DOCTYPE html>", "is a web page"),
        (b"Device AI Score: 1\n\xff\xfe\n", "theirs.x:2: is not UTF-8"),
        (b"hello\n", "is neither of pytest-benchmark nor of AI Benchmark"),
    ],
)
def test_foreign_files_are_called_what_they_are(theirs, content, said):
    (theirs / "theirs.x").write_bytes(content)
    (found,) = refused(theirs, "theirs.x")
    assert said in found


def test_a_huge_file_and_a_folder_are_not_read(theirs):
    with (theirs / "huge.txt").open("wb") as file:
        file.truncate(2**40)
    (theirs / "folder.json").mkdir()
    assert [
        "larger than the 32 MiB" in refused(theirs, "huge.txt")[0],
        "is a folder" in refused(theirs, "folder.json")[0],
    ]
