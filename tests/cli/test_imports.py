import json

import pytest

from bench.analyse.expectation.handout import handout
from bench.cli.main import main
from bench.host.profile import load
from bench.host.registry import profiles
from bench.report.export.pytest_benchmark import pytest_benchmark_json
from bench.report.handout.table import handout_tables
from tests.host.imported.printed import printed
from tests.records import T4, make_record


@pytest.fixture
def theirs(tmp_path):
    """What somebody with a T4 and somebody with an RTX 3090 have sent."""
    (tmp_path / "tree").mkdir()
    records = [make_record(device=T4, host="t4", step_ms=15.1), make_record("vgg16", device=T4, host="t4", step_ms=74)]
    (tmp_path / "0001.json").write_text(pytest_benchmark_json(records, ()))
    (tmp_path / "ai.txt").write_text(printed(gpus=("NVIDIA GeForce RTX 3090",), scores=(16_030, 17_123)))
    return tmp_path


def bench(capsys, *arguments):
    with pytest.raises(SystemExit) as raised:
        main([*map(str, arguments)])
    said = capsys.readouterr()
    return raised.value.code, said.out, said.err


def test_what_was_taken_and_what_was_not_is_said(theirs, capsys):
    status, out, err = bench(capsys, "import", theirs / "0001.json", theirs / "ai.txt", "--root", theirs / "tree")
    assert (status, err) == (0, "")
    assert "imported-t4 (T4 (imported)) was made: hosts/imported-t4.yaml" in out
    assert "  taken: vgg16, batch 128: 7" in out
    assert "  taken: AI-Score 33,153, inference 16,030, training 17,123" in out
    assert "  not taken: sizes of memory" in out
    assert out.count("not measured by us") == 2


def test_they_stand_beside_as_published_and_never_as_measured(theirs, capsys):
    tree = theirs / "tree"
    bench(capsys, "import", theirs / "0001.json", theirs / "ai.txt", "--root", tree)
    known = profiles(tree)
    (times, *_) = handout_tables(handout(known, [make_record()]), known)
    headings = [column.heading for column in times.columns]
    row = dict(zip(headings, times.rows[0], strict=True))
    assert row["T4 (imported)"].startswith("15.")
    assert "±" not in row["T4 (imported)"]
    scores = dict(zip(headings, times.rows[-1], strict=True))
    assert scores["RTX 3090 (imported)"] == "33,153"
    assert any("published – imported from 0001.json, not measured by us" in note.text for note in times.notes)
    _, out, _ = bench(capsys, "hosts", "show", "imported-rtx-3090", "--root", tree)
    assert "published: imported from ai.txt, not measured by us" in out
    assert "AI Benchmark: AI-Score 33,153, inference 16,030, training 17,123, from " in out


def test_a_machine_without_figures_adds_no_empty_column(theirs, capsys):
    foreign = {"machine_info": {"cpu": {"brand_raw": "Some CPU"}}, "benchmarks": []}
    (theirs / "foreign.json").write_text(json.dumps(foreign))
    assert bench(capsys, "import", theirs / "foreign.json", "--root", theirs / "tree")[0] == 0
    known = profiles(theirs / "tree")
    assert "imported-cpu-some" in [one.id for one in known]
    assert "imported-cpu-some" not in [one.id for one in handout(known, []).references]


def test_for_programs_and_without_writing(theirs, capsys):
    status, out, _ = bench(
        capsys, "import", theirs / "0001.json", "--as", "lab-t4", "--dry-run", "--json", "--root", theirs / "tree"
    )
    (entry,) = json.loads(out)
    assert (status, entry["host"], entry["dry_run"], entry["unchanged"]) == (0, "lab-t4", True, False)
    assert [time["model"] for time in entry["profile"]["published"]["times"]] == ["simple_cnn", "vgg16"]
    assert not (theirs / "tree" / "hosts").exists()


def test_bad_files_give_a_line_each_and_status_2(theirs, capsys):
    (theirs / "ai.txt").write_text((theirs / "ai.txt").read_text().replace("33153", "33154"))
    files = theirs / "0001.json", theirs / "ai.txt", theirs / "none.txt"
    status, out, err = bench(capsys, "import", *files, "--root", theirs / "tree")
    assert (status, out) == (2, "")
    first, second = err.splitlines()
    assert "ai.txt:" in first
    assert "not the sum of its parts" in first
    assert "none.txt: can't be read: No such file" in second
    assert not (theirs / "tree" / "hosts").exists()


def test_the_profile_keeps_what_tables_do_not_show(theirs, capsys):
    bench(capsys, "import", theirs / "ai.txt", "--root", theirs / "tree")
    profile = load(theirs / "tree" / "hosts" / "imported-rtx-3090.yaml")
    assert profile.published.milliseconds["MobileNet-V2 inference 50×224×224"] == 11
    assert profile.published.software["tensorflow"] == "2.15.0"
