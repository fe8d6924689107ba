import os
import subprocess

import pytest

from bench.errors import InputError
from bench.results.journal import Journal, journal_path
from bench.results.record import SCHEMA_VERSION, Record
from bench.results.sides import read_side
from tests.records import make_record


def keep(root, *records):
    for record in records:
        Journal(journal_path(root, record.host, record.suite), Record).append(record)


def git(folder, *arguments):
    who = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


FIRST = make_record(host="t4", started="2026-01-05T23:59:59+00:00")
SECOND = make_record(host="t4", started="2026-01-06T00:00:00+00:00", step_ms=17)
OTHER = make_record(host="cpu", suite="digits", started="2026-01-06T12:00:00+00:00")


@pytest.fixture
def root(tmp_path):
    keep(tmp_path, FIRST, SECOND, OTHER)
    return tmp_path


@pytest.fixture
def repository(tmp_path):
    """A tree in a folder of a repository, committed twice, with a third record that isn't committed."""
    root = tmp_path / "course" / "tree"
    root.mkdir(parents=True)
    git(tmp_path, "init", "-q", "-b", "main")
    (root / "note").write_text("nothing measured yet")
    for record, tag in ((None, "v0"), (FIRST, "v1"), (OTHER, "v2")):
        if record:
            keep(root, record)
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-q", "-m", tag)
        git(tmp_path, "tag", tag)
    keep(root, SECOND)
    return root


@pytest.mark.parametrize(
    ("text", "records"),
    [
        ("@", (OTHER, FIRST, SECOND)),
        ("t4", (FIRST, SECOND)),
        ("t4/cnn", (FIRST, SECOND)),
        ("/digits", (OTHER,)),
        ("t4@", (FIRST, SECOND)),
        ("t4@2026-01-05", (FIRST,)),
        ("@2026-01-06", (OTHER, FIRST, SECOND)),
        ("@2026-01-06T00:00", (FIRST, SECOND)),
        ("t4@2026-01-06T02:00+02:00", (FIRST, SECOND)),
    ],
)
def test_hosts_suites_and_moments(root, text, records):
    assert read_side(root, text).records == records


@pytest.mark.parametrize(
    ("text", "records"),
    [
        ("@HEAD", (OTHER, FIRST)),
        ("@v1", (FIRST,)),
        ("t4@v2", (FIRST,)),
        ("/digits@HEAD", (OTHER,)),
        ("@HEAD~1", (FIRST,)),
        ("@HEAD@{0}", (OTHER, FIRST)),
        ("@main", (OTHER, FIRST)),
    ],
)
def test_git_revisions_of_a_tree_in_a_subfolder(repository, text, records):
    before = {path: path.read_bytes() for path in repository.rglob("*") if path.is_file()}
    assert read_side(repository, text).records == records
    assert {path: path.read_bytes() for path in repository.rglob("*") if path.is_file()} == before


def test_a_file_and_a_tree_have_revisions_too(repository, tmp_path):
    path = journal_path(repository, "t4", "cnn")
    assert read_side(tmp_path, f"{path}@v1").records == (FIRST,)
    assert read_side(tmp_path, str(path)).records == (FIRST, SECOND)
    assert read_side(tmp_path, f"{repository}@v1").records == (FIRST,)


def test_paths(root, tmp_path_factory, monkeypatch):
    here = tmp_path_factory.mktemp("here")
    for place in (root, root / "results"):
        assert read_side(here, str(place)).records == (OTHER, FIRST, SECOND)
    folder, file = root / "results" / "t4", journal_path(root, "cpu", "digits")
    assert read_side(here, str(folder)).records == (FIRST, SECOND)
    found = read_side(here, str(file))
    assert (found.records, found.host, found.suite) == ((OTHER,), "cpu", "digits")
    copied = here / "old.txt"
    copied.write_bytes(file.read_bytes())
    monkeypatch.chdir(here)
    assert read_side(root, "old.txt").records == (OTHER,)
    monkeypatch.chdir(root.parent)
    assert read_side(here, root.name).records == (OTHER, FIRST, SECOND)


def test_a_path_with_an_at_sign(root):
    odd = root / "a@b.jsonl"
    odd.write_bytes(journal_path(root, "cpu", "digits").read_bytes())
    assert read_side(root, str(odd)).records == (OTHER,)


def test_the_tree_of_a_file_is_the_one_with_its_hosts(root, tmp_path_factory):
    here = tmp_path_factory.mktemp("here")
    (root / "hosts").mkdir()
    for place in (root, root / "results", root / "results" / "t4", journal_path(root, "t4", "cnn")):
        assert read_side(here, str(place)).root.resolve() == root.resolve()
    loose = here / "loose.jsonl"
    loose.write_bytes(journal_path(root, "t4", "cnn").read_bytes())
    assert read_side(root, str(loose)).root == root


def test_a_host_known_here_is_no_folder_of_the_same_name(root, tmp_path_factory, monkeypatch):
    here = tmp_path_factory.mktemp("here")
    (here / "t4").mkdir()
    monkeypatch.chdir(here)
    assert read_side(root, "t4").records == (FIRST, SECOND)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", ["a side is empty", "HOST/SUITE"]),
        ("t5", ["nothing was measured on a host 't5'", "known: cpu, t4"]),
        ("colab-t4", ["colab-t4 has only published times", "the handout's table in `bench report`"]),
        ("t4/cmn", ["no suite or team 'cmn' was measured on t4", "did you mean 'cnn'?"]),
        ("t4/digits", ["no suite or team 'digits' was measured on t4", "cnn"]),
        ("/digit", ["no suite 'digit' was measured", "did you mean 'digits'?"]),
        ("absent.jsonl", ["absent.jsonl: no such file or folder", "a side is HOST"]),
        ("./absent.d", ["absent.d: no such file or folder"]),
        ("a/b/c", ["a/b/c: no such file or folder"]),
        ("~nobody-of-that-name/x", ["no such file or folder"]),
        ("x" * 5000, ["nothing was measured on a host"]),
        ("@2026-13-01", ["'2026-13-01' is no date", "such as 2026-11-20"]),
        ("@2026-2-30", ["'2026-2-30' is no date"]),
        ("@2026-1-5", ["'2026-1-5' is no date"]),
        ("t4@2026-01-05Tnoon", ["is no date"]),
        ("t4@2025-12-31", ["nothing was measured by then", "the first record is of 2026-01-05"]),
        ("@9999-12-31", ["'9999-12-31' is no date"]),
        ("@2026-01-06T01:30+02:00", ["nothing was measured by then"]),
    ],
)
def test_bad_sides(root, text, says):
    with pytest.raises(InputError) as raised:
        read_side(root, text, {"colab-t4"})
    assert all(part in str(raised.value) for part in says), raised.value


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("@nope", ["git knows no revision 'nope'", "known: HEAD, main, v0", "a date is written 2026-11-20"]),
        ("@mian", ["did you mean 'main'?"]),
        ("@20.11.2026", ["git knows no revision '20.11.2026'", "a date is written 2026-11-20"]),
        ("@-h", ["git knows no revision '-h'"]),
        ("@v1:note", ["git knows no revision"]),
        ("@v0", ["there is no record"]),
        ("cpu@v1", ["nothing was measured on a host 'cpu'", "t4"]),
    ],
)
def test_bad_revisions(repository, text, says):
    with pytest.raises(InputError) as raised:
        read_side(repository, text)
    assert all(part in str(raised.value) for part in says), raised.value


def test_a_tree_without_a_repository(root, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(root.parent))
    with pytest.raises(InputError, match=r"'@HEAD' wants a git repository: .*; a date needs none"):
        read_side(root, "@HEAD")


def test_a_machine_without_git(root, monkeypatch):
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(InputError, match="git isn't installed"):
        read_side(root, "@HEAD")
    assert read_side(root, "@2026-01-06").records


def test_a_damaged_line_of_a_revision_is_named(repository):
    path = journal_path(repository, "t4", "cnn")
    path.write_text("<<<<<<< ours\n" + path.read_text())
    git(repository, "commit", "-qam", "merged")
    found = read_side(repository, "@HEAD")
    assert found.records == (OTHER, FIRST, SECOND)
    assert found.notices[0].startswith("HEAD:results/t4/cnn.jsonl:1: this line is damaged")


def test_versions_of_records(repository):
    path = journal_path(repository, "t4", "cnn")
    old = FIRST.model_dump_json().replace(f'"schema_version":{SCHEMA_VERSION}', '"schema_version":1')
    path.write_text(f"{old}\n{SECOND.model_dump_json()}\n")
    git(repository, "commit", "-qam", "mixed")
    assert [record.schema_version for record in read_side(repository, "t4@HEAD").records] == [1, SCHEMA_VERSION]
    for host in ("t4", "cpu"):
        with next((repository / "results" / host).glob("*.jsonl")).open("a") as file:
            file.write('{"schema_version": 99}\n')
    git(repository, "commit", "-qam", "newer")
    for text in ("@", "@HEAD"):
        found = read_side(repository, text)
        assert {record.host for record in found.records} == {"t4", "cpu"}
        assert ["schema version 99" in notice for notice in found.notices] == [True, True]
    assert read_side(repository, "@HEAD~1").records


def test_what_holds_no_record_shows_what_it_holds(root):
    text = root / "README.md"
    text.write_text("# not a record\n" * 50)
    with pytest.raises(InputError, match="it holds no record") as raised:
        read_side(root, str(text))
    assert len(raised.value.faults) == 4


def test_infinite_times_make_a_line_damaged(root):
    path = journal_path(root, "t4", "cnn")
    seconds = str(FIRST.windows[0].seconds)
    for strange in ("1e999", "Infinity", "NaN"):
        path.write_text(f"{FIRST.model_dump_json().replace(seconds, strange)}\n{SECOND.model_dump_json()}\n")
        found = read_side(root, "t4")
        assert found.records == (SECOND,)
        (notice,) = found.notices
        assert notice.startswith(f"{path}:1: this line is damaged and was passed over (windows.0.1: ")


def test_unreadable_files(root):
    odd = root / "folder.jsonl"
    odd.mkdir()
    with pytest.raises(InputError, match="no record"):
        read_side(root, str(odd))
    path = journal_path(root, "t4", "cnn")
    path.unlink()
    path.mkdir()
    with pytest.raises(InputError, match=r"cnn\.jsonl: cannot be read"):
        read_side(root, "t4")
