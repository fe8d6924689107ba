import base64
import json
import os
import stat
import zipfile

import pytest

from bench.bundle.collect import collect
from bench.bundle.form import MANIFEST
from bench.bundle.keep import COLLECTED
from bench.errors import InputError
from bench.results.journal import journal_path
from bench.results.query import read_all
from bench.results.seal import seal_of
from tests.bundle_files import HOST, archive_of, bundle_of, changed, files_of, make_bundle, make_tree

JOURNAL = f"results/{HOST}/07/cnn.jsonl"


@pytest.fixture
def staff(tmp_path, monkeypatch):
    monkeypatch.delenv("BENCH_TEAM", raising=False)
    root = tmp_path / "staff"
    root.mkdir()
    return root


@pytest.fixture
def handed_in(tmp_path):
    folder = tmp_path / "handed in"
    folder.mkdir()
    return folder


def content_of(root):
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def states(found):
    return [one.state for one in found.outcomes]


def refused(staff, handed_in, content, why):
    """That the bundle is refused for that reason, and nothing written."""
    (handed_in / "a.zip").write_bytes(content)
    before = content_of(staff)
    found = collect(staff, [handed_in])
    assert states(found) == ["refused"], found.outcomes
    assert why in found.outcomes[0].why
    assert content_of(staff) == before
    assert list(handed_in.parent.rglob("evil*")) == []


def test_bundles_of_many_teams_come_together(staff, handed_in, tmp_path):
    for team in ("07", "08", "x-y"):
        (handed_in / f"{team}.zip").write_bytes(make_bundle(tmp_path, team))
    found = collect(staff, [handed_in])
    assert states(found) == ["taken"] * 3
    assert [(one.records, one.new_lines) for one in found.outcomes] == [(3, 3)] * 3
    records = read_all(staff).records
    assert sorted({record.team for record in records}) == ["07", "08", "x-y"]
    assert len(records) == 9
    assert (staff / JOURNAL).read_bytes() == (tmp_path / "tree-07" / JOURNAL).read_bytes()
    assert all(seal_of(line).holds for line in (staff / JOURNAL).read_bytes().splitlines())
    assert (staff / "hosts" / f"{HOST}.yaml").is_file()
    (kept,) = (staff / COLLECTED / "08").iterdir()
    assert set(content_of(kept)) == {MANIFEST, f"hosts/{HOST}.yaml", "suites/cnn.yaml"}


def test_twice_is_once(staff, handed_in, tmp_path):
    content = make_bundle(tmp_path)
    for name in ("a.zip", "b.zip"):
        (handed_in / name).write_bytes(content)
    assert states(collect(staff, [handed_in])) == ["taken", "known"]
    before = content_of(staff)
    assert states(collect(staff, [handed_in])) == ["known", "known"]
    assert content_of(staff) == before


def test_a_bundle_that_has_grown_adds_what_is_new_and_one_team_twice_is_told(staff, handed_in, tmp_path):
    (handed_in / "a.zip").write_bytes(make_bundle(tmp_path, seeds=range(3)))
    (handed_in / "b.zip").write_bytes(make_bundle(tmp_path, seeds=range(3, 5)))
    found = collect(staff, [handed_in])
    assert [(one.records, one.new_lines) for one in found.outcomes] == [(3, 3), (5, 2)]
    assert list(found.twice()) == ["07"]
    assert len(read_all(staff).records) == 5


def test_a_take_that_was_cut_off_is_done_again(staff, handed_in, tmp_path, monkeypatch):
    (handed_in / "a.zip").write_bytes(make_bundle(tmp_path))
    with monkeypatch.context() as patch:
        patch.setattr("bench.bundle.keep.write_whole", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            collect(staff, [handed_in])
    assert [path.name for path in staff.iterdir() if path.name.startswith(".")] == []
    assert states(collect(staff, [handed_in])) == ["taken"]
    assert len(read_all(staff).records) == 3


def notebook(content):
    link = f'<a href="data:application/zip;base64,{base64.b64encode(content).decode()}">bench-07.zip</a>'
    output = {"output_type": "execute_result", "data": {"text/html": [link[:30], link[30:]]}}
    return json.dumps({"nbformat": 4, "cells": [{"cell_type": "code", "outputs": [output]}]}).encode()


def attached(content):
    data = {"bundle.zip": {"application/zip": base64.encodebytes(content).decode()}}
    return json.dumps({"cells": [{"cell_type": "markdown", "attachments": data}]}).encode()


@pytest.mark.parametrize(
    ("name", "wrapped"),
    [
        ("a.zip", lambda content: content),
        ("a", lambda content: content),
        ("a.zip", lambda content: archive_of({"team 7/hand-in.zip": content, "team 7/essay.pdf": b"%PDF"})),
        ("a.zip", lambda content: archive_of({f"x/{name}": one for name, one in files_of(content).items()})),
        ("a.zip", lambda content: archive_of({**files_of(content), "__MACOSX/._manifest.json": b"", ".DS_Store": b""})),
        ("a.zip", lambda content: archive_of({"inner.zip": archive_of({"bundle.zip": content})})),
        ("a.ipynb", notebook),
        ("a.ipynb", attached),
        ("a.zip", lambda content: archive_of({"report.ipynb": notebook(content)})),
    ],
)
def test_wherever_a_bundle_lies_it_is_found(staff, handed_in, tmp_path, name, wrapped):
    (handed_in / name).write_bytes(wrapped(make_bundle(tmp_path)))
    assert states(collect(staff, [handed_in])) == ["taken"]
    assert len(read_all(staff).records) == 3


def test_other_files_are_left_alone_and_counted(staff, handed_in, tmp_path):
    for number in range(300):
        (handed_in / f"{number}.txt").write_text("an essay")
    (handed_in / "other.zip").write_bytes(archive_of({"manifest.json": b'{"name": "an extension"}', "a.js": b"1"}))
    (handed_in / "no.ipynb").write_text("{")
    (handed_in / "empty.ipynb").write_text('{"cells": [1, {"outputs": "x"}]}')
    (handed_in / "link.zip").symlink_to("/etc/hostname")
    os.mkfifo(handed_in / "pipe.zip")
    (handed_in / "z.zip").write_bytes(make_bundle(tmp_path))
    found = collect(staff, [handed_in])
    assert states(found) == ["taken"]
    assert (found.looked.files, found.looked.others) == (306, 305)


def test_a_file_that_is_named_and_is_no_bundle_is_told(staff, handed_in):
    (handed_in / "a.txt").write_text("an essay")
    assert states(collect(staff, [handed_in / "a.txt"])) == ["refused"]
    with pytest.raises(InputError, match="no such file"):
        collect(staff, [handed_in / "b.zip"])


def test_one_bad_bundle_costs_itself_alone(staff, handed_in, tmp_path):
    good = make_bundle(tmp_path, "08")
    (handed_in / "a.zip").write_bytes(make_bundle(tmp_path)[:-100])
    (handed_in / "b.zip").write_bytes(good)
    found = collect(staff, [handed_in])
    assert states(found) == ["refused", "taken"]


HOSTILE_NAMES = [
    "../evil.jsonl",
    "/tmp/evil.jsonl",
    "results/../../evil.jsonl",
    f"results/{HOST}/07/../../../../evil.jsonl",
    "results/..\\..\\evil.jsonl",
    f"results/{HOST}/07/evil.py",
    f"results/{HOST}/07/.evil.jsonl",
    f"results/{HOST}/07/evil\x00.jsonl",
    f"results/{HOST}/07/evil\n.jsonl",
    f"results/{HOST}/07/C:evil.jsonl",
    f"results/{HOST}/logs/evil.log",
    "results/figures/cnn.jsonl",
    "suites/evil.py",
    "suites/x/evil.yaml",
    "team.txt",
    "hosts/../evil.yaml",
    "bench/__init__.py",
]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_file_that_has_no_place_is_refused(staff, handed_in, tmp_path, name):
    files = files_of(make_bundle(tmp_path))
    del files[MANIFEST]
    content = bundle_of(files | {name: b"{}\n"})
    refused(staff, handed_in, content, "")


def edited(old, new):
    def change(files):
        assert old in files[JOURNAL]
        files[JOURNAL] = files[JOURNAL].replace(old, new)

    return change


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (edited(b'"team":"07"', b'"team":"08"'), "two owners"),
        (edited(b'"team":"07"', b'"team":7'), "two owners"),
        (edited(b'"host":"tesla-t4"', b'"host":"other"'), "this record is of host 'other'"),
        (lambda files: files.update({JOURNAL: b"[1]\n"}), "is no record"),
        (lambda files: files.update({JOURNAL: b"\n"}), "holds no record"),
        (lambda files: files.update({JOURNAL.replace("/07/", "/08/"): files[JOURNAL]}), "two owners"),
        (lambda files: files.update({JOURNAL.replace("cnn", "CNN"): files[JOURNAL]}), "upper and lower case"),
    ],
)
def test_what_isnt_one_teams_is_refused(staff, handed_in, tmp_path, change, why):
    refused(staff, handed_in, changed(make_bundle(tmp_path), change), why)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"team": None}, "names no team"),
        ({"team": "pairs"}, "can't be called 'pairs'"),
        ({"team": "../07"}, "manifest.json: team"),
        ({"version": 2}, "newer version of bench"),
        ({"files": {}}, "not in its manifest"),
        ({"files": 7}, "manifest.json: files"),
        ({"more": 1}, "manifest.json: more"),
    ],
)
def test_a_manifest_that_is_wrong_is_refused(staff, handed_in, tmp_path, changes, why):
    files = files_of(make_bundle(tmp_path))
    del files[MANIFEST]
    refused(staff, handed_in, bundle_of(files, **changes), why)


def test_a_file_changed_after_it_was_packed_is_refused(staff, handed_in, tmp_path):
    files = files_of(make_bundle(tmp_path))
    files[JOURNAL] = files[JOURNAL].replace(b'"seed":1', b'"seed":7')
    refused(staff, handed_in, archive_of(files), "isn't the file that was packed")
    missing = {name: one for name, one in files.items() if name != JOURNAL}
    refused(staff, handed_in, archive_of(missing), "is missing")


def linked(name):
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return info


def encrypted(content):
    """The archive with each of its files marked as encrypted."""
    found = bytearray(content)
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = found.find(mark)
        while at >= 0:
            found[at + flags] |= 1
            at = found.find(mark, at + 1)
    return bytes(found)


def test_a_link_is_refused(staff, handed_in, tmp_path):
    files = files_of(make_bundle(tmp_path))
    del files[JOURNAL]
    listed = json.loads(files[MANIFEST])["files"][JOURNAL]
    target = b"/etc/passwd".ljust(listed["bytes"])
    refused(staff, handed_in, archive_of([*files.items(), (linked(JOURNAL), target)]), "is a link")


def test_what_is_encrypted_or_packed_in_rare_ways_is_refused(staff, handed_in, tmp_path):
    content = make_bundle(tmp_path)
    refused(staff, handed_in, encrypted(content), "is encrypted")
    refused(staff, handed_in, archive_of(files_of(content), zipfile.ZIP_LZMA), "isn't read")


def test_bombs_are_refused_before_they_go_off(staff, handed_in, tmp_path, monkeypatch):
    files = files_of(make_bundle(tmp_path))
    del files[MANIFEST]
    bomb = bundle_of(files | {JOURNAL: b" " * 2**25})
    refused(staff, handed_in, bomb, "each of its bytes stands for more")
    monkeypatch.setattr("bench.bundle.check.MOST_FILE_BYTES", 1000)
    refused(staff, handed_in, bundle_of(files), "is larger than")


def test_a_list_of_very_many_files_isnt_read(staff, handed_in):
    content = bytearray(archive_of({"manifest.json": b"{}"}))
    end = content.rfind(b"PK\x05\x06")
    content[end + 10 : end + 16] = b"\xff\xff" + (2**25).to_bytes(4, "little")
    refused(staff, handed_in, bytes(content), "more than are read")


def test_archives_within_archives_have_an_end(staff, handed_in, tmp_path):
    content = make_bundle(tmp_path)
    for _ in range(3):
        content = archive_of({"inner.zip": content})
    refused(staff, handed_in, content, "archives within each other")


def test_a_file_that_lies_about_its_size_is_refused(staff, handed_in, tmp_path):
    content = bytearray(make_bundle(tmp_path))
    at = content.rfind(JOURNAL.encode()) - 46
    assert content[at : at + 4] == b"PK\x01\x02"
    content[at + 24 : at + 28] = (5).to_bytes(4, "little")
    refused(staff, handed_in, bytes(content), "")


def test_a_link_in_the_collectors_own_tree_leads_nowhere(staff, handed_in, tmp_path):
    outside = tmp_path / "evil-outside"
    outside.mkdir()
    (staff / "results").mkdir()
    (staff / "results" / HOST).symlink_to(outside)
    (handed_in / "a.zip").write_bytes(make_bundle(tmp_path))
    found = collect(staff, [handed_in])
    assert states(found) == ["refused"]
    assert list(outside.iterdir()) == []


def test_teams_that_differ_in_case_alone_arent_one(staff, handed_in, tmp_path):
    (handed_in / "a.zip").write_bytes(make_bundle(tmp_path, "blue"))
    (handed_in / "b.zip").write_bytes(make_bundle(tmp_path / "x", "Blue"))
    assert states(collect(staff, [handed_in])) == ["taken", "refused"]


def test_records_of_before_the_tree_had_an_owner_become_the_teams(staff, handed_in, tmp_path):
    from bench.bundle.pack import pack
    from bench.results.owner import keep_owner

    root = make_tree(tmp_path / "tree", None)
    keep_owner(root, "07")
    (handed_in / "a.zip").write_bytes(pack(root, unowned=True).content)
    assert states(collect(staff, [handed_in])) == ["taken"]
    assert journal_path(staff, HOST, "cnn", "07").is_file()
    assert {record.team for record in read_all(staff).records} == {"07"}


def test_damage_anywhere_in_a_bundle_never_stops_the_others(staff, handed_in, tmp_path):
    import random

    content, choose = make_bundle(tmp_path), random.Random(7)
    for number in range(60):
        damaged = bytearray(content)
        for _ in range(choose.randint(1, 20)):
            damaged[choose.randrange(len(damaged))] = choose.randrange(256)
        (handed_in / f"{number:02}.zip").write_bytes(damaged[: choose.choice([None, choose.randrange(len(damaged))])])
    (handed_in / "z.zip").write_bytes(make_bundle(tmp_path, "08"))
    found = collect(staff, [handed_in])
    assert found.outcomes[-1].state == "taken"
    inside = {path.relative_to(staff).parts[0] for path in staff.rglob("*") if path.is_file()}
    assert inside <= {"results", "hosts", COLLECTED}
