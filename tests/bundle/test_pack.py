import json
import os
import shutil

import pytest

import bench
from bench.bundle.form import MANIFEST, member
from bench.bundle.pack import pack
from bench.errors import InputError
from bench.results.journal import Journal, journal_path, results_of
from bench.results.record import Record
from tests.bundle_files import HOST, files_of, make_tree
from tests.records import make_record


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.delenv("BENCH_TEAM", raising=False)
    return make_tree(tmp_path / "tree")


def test_the_same_content_gives_the_same_bytes_wherever_and_whenever_it_is_packed(root, tmp_path):
    copy = shutil.copytree(root, tmp_path / "elsewhere")
    for path in copy.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    assert pack(copy).content == pack(root).content


def test_a_bundle_holds_the_teams_results_and_nothing_else(root):
    own = results_of(root, HOST, "07")
    (own / "logs").mkdir()
    (own / "logs" / "cell.log").write_text("/home/someone")
    (root / "results" / "report.md").write_text("# Results\n")
    (own / "weights" / "cnn").mkdir(parents=True)
    (own / "weights" / "cnn" / "cell.keras").write_bytes(b"weights")
    journal = f"results/{HOST}/07/cnn.jsonl"
    files = files_of(pack(root).content)
    assert list(files) == [MANIFEST, f"hosts/{HOST}.yaml", journal, "suites/cnn.yaml"]
    assert files[journal] == (root / journal).read_bytes()
    more = files_of(pack(root, weights=True, figures=True).content)
    assert set(more) - set(files) == {f"results/{HOST}/07/weights/cnn/cell.keras", "report.md"}
    assert all(member(name) for name in more if name != MANIFEST)


def test_records_of_no_team_are_left_out_unless_they_are_asked_for(root):
    path = journal_path(root, HOST, "digits")
    Journal(path, Record).append(make_record(host=HOST, suite="digits"))
    found = pack(root)
    assert found.records == 3
    assert found.left_out == (f"{path}: 1 record of no team; --unowned takes them along",)
    assert pack(root, unowned=True).records == 4


def test_another_teams_results_stay(root):
    other = make_record(host=HOST, team="08")
    Journal(journal_path(root, HOST, "cnn", "08"), Record).append(other)
    assert pack(root).records == 3
    Journal(journal_path(root, HOST, "cnn", "07"), Record).append(other)
    with pytest.raises(InputError, match=r"cnn\.jsonl:4: this record is team 08's"):
        pack(root)


def test_a_tree_without_an_owner_or_records_is_refused(tmp_path, root):
    with pytest.raises(InputError, match=r"no owner; `bench init --team 07`"):
        pack(make_tree(tmp_path / "nobody", None))
    with pytest.raises(InputError, match="team 09 has no records here"):
        pack(make_tree(tmp_path / "empty", "09", seeds=()))


def test_a_notebook_shows_a_link_that_saves_it(root):
    html = bench.pack(root)._repr_html_()
    assert html.startswith('<a download="bench-07.zip" href="data:application/zip;base64,UEsDB')
    assert "3 records" in html


def test_the_manifest_names_every_file_with_its_digest(root):
    files = files_of(pack(root).content)
    manifest = json.loads(files[MANIFEST])
    assert (manifest["form"], manifest["version"], manifest["team"]) == ("bench-bundle", 1, "07")
    assert set(manifest["files"]) == set(files) - {MANIFEST}
    assert manifest["versions"]["bench"] == bench.__version__
