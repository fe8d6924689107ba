"""`bench compare`, from the outside."""

import json
import subprocess
import sys

import numpy as np
import pytest

from bench.cli.main import main
from bench.host.measured import Noise
from bench.host.profile import HostProfile, save
from bench.results.journal import Journal, journal_path
from bench.results.record import Record, Window
from tests.records import T4, make_failed, make_record, make_trained

NOISE = Noise(date="2026-01-01", in_turns=0.004, apart=0.01, rounds=20)


def keep(root, *records):
    for record in records:
        Journal(journal_path(root, record.host, record.suite), Record).append(record)


def measured(generator, cells, processes, suite, day, factor=1.0):
    """Records of cells as fresh processes give them on a host whose processes differ by 1 %."""
    for cell in range(cells):
        for process in range(processes):
            own = 0.016 * factor * generator.normal(1, 0.01)
            windows = tuple(Window(6, 6 * float(own * noise)) for noise in generator.normal(1, 0.005, 20))
            started = f"2026-01-{day:02}T10:{cell:02}:{process:02}+00:00"
            yield make_record(variant=f"v{cell}", suite=suite, windows=windows, started=started)


@pytest.fixture
def root(tmp_path):
    """A host whose self-test found 1 %: measured twice unchanged, and once with a slow-down of 5 % planted."""
    save(HostProfile(id="xeon-2-cores", label="Xeon", noise=NOISE), tmp_path / "hosts" / "xeon-2-cores.yaml")
    generator = np.random.default_rng(3)
    for suite, day, factor in (("before", 5, 1.0), ("again", 6, 1.0), ("after", 7, 1.05)):
        keep(tmp_path, *measured(generator, 6, 5, suite, day, factor))
    return tmp_path


def bench(capsys, root, *arguments):
    with pytest.raises(SystemExit) as ended:
        main(["compare", *map(str, arguments), "--root", str(root)])
    out, err = capsys.readouterr()
    return ended.value.code or 0, out, err


def test_a_planted_slow_down_of_5_percent_is_found(root, capsys):
    status, out, err = bench(capsys, root, "xeon-2-cores/before", "xeon-2-cores/after")
    assert (status, err) == (0, "")
    assert out.startswith("## xeon-2-cores/before → xeon-2-cores/after\n")
    assert "\n- 6 slower\n" in out
    assert out.count("▼ |") == 6
    assert out.count("5 → 5") == 6
    assert "the spread between processes (1.00 %, measured on xeon-2-cores by bench selftest)" in out
    status, _, err = bench(capsys, root, "xeon-2-cores/before", "xeon-2-cores/after", "--gate")
    assert status == 1
    assert "the gate tripped: slower, or ended badly: simple_cnn/v0/b128, " in err


def test_a_planted_no_change_is_not(root, capsys):
    status, out, _ = bench(capsys, root, "xeon-2-cores/before", "xeon-2-cores/again", "--gate")
    assert status == 0
    assert "\n- 6 same\n" in out
    assert "= the same within 5 %" in out
    assert "- differences under 1.3 % " in out
    _, out, _ = bench(capsys, root, "xeon-2-cores/before", "xeon-2-cores/again", "--same-within", "0.5%")
    assert "\n- 6 undecided\n" in out
    status, _, err = bench(capsys, root, "xeon-2-cores/before", "xeon-2-cores/again", "--same-within", "70%")
    assert status == 2
    assert "--same-within 70% is no share; 1% or 0.01, from 0.1% to 50%" in err


def test_figures_for_programs(root, capsys):
    keep(root, make_failed(variant="v0", suite="after", status="crashed", started="2026-01-09T00:00:00Z"))
    status, out, _ = bench(capsys, root, "/before", "/after", "--json", "--only", "*/v0", "--only", "*/v1")
    found = json.loads(out)
    assert status == 0
    assert found["summary"] | {"geometric_mean": None} == {
        "faster": 0,
        "slower": 1,
        "same": 0,
        "undecided": 0,
        "unchanged": 0,
        "not_compared": 1,
        "geometric_mean": None,
    }
    failed, slower = found["cells"]
    assert (failed["answer"], failed["why_not"], failed["ratio"]) == ("not compared", ["it is crashed on /after"], None)
    assert (failed["b"]["status"], failed["b"]["step_seconds"], failed["b"]["processes"]) == ("crashed", None, 0)
    assert (slower["answer"], slower["cell"], slower["suite"]) == ("slower", "simple_cnn/v1/b128", "after")
    assert slower["ratio"]["low"] < slower["ratio"]["value"] < slower["ratio"]["high"] < 1
    assert slower["a"]["processes"] == slower["b"]["processes"] == 5
    assert slower["a"]["peak_resident_bytes"] == 1_200 * 2**20
    assert found["a"]["spreads"] == {"xeon-2-cores": {"share": 0.01, "measured": True}}


def test_two_hosts(root, capsys):
    cards = {"host": "t4", "suite": "before", "device": T4}
    keep(root, *(make_record(variant=f"v{i}", step_ms=8, **cards) for i in (0, 1, 9)))
    status, out, _ = bench(capsys, root, "xeon-2-cores/before", "t4")
    assert status == 0
    assert "- 2 faster\n" in out
    assert "taken as 2 %, as measured on a 2-core virtual machine: t4 has no self-test yet" in out
    assert "differs throughout: host xeon-2-cores → t4, device Intel Xeon → Tesla T4\n" in out
    assert "- only xeon-2-cores/before has 4: simple_cnn/v2/b128, " in out
    assert "- only t4 has simple_cnn/v9/b128\n" in out
    assert "isn't in any interval" not in out


def test_what_came_since_a_revision(root, capsys):
    def git(*arguments):
        who = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *who, *arguments], cwd=root, check=True, capture_output=True)

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "measured")
    assert bench(capsys, root, "@HEAD", "@")[0] == 2
    keep(root, *measured(np.random.default_rng(5), 2, 5, "before", 20, 1.1))
    status, out, err = bench(capsys, root, "@HEAD", "@")
    assert (status, err) == (0, "")
    assert out.startswith("## @HEAD → now\n")
    assert "\n- 2 slower, 16 unchanged\n" in out
    assert out.count("5 → 5") == 2
    assert "- the sides lie up to 15 days apart: " in out
    assert "- the newest record is the very same on both sides: after/simple_cnn/v0/b128, " in out
    assert out.count("unchanged") == 1
    keep(root, *measured(np.random.default_rng(6), 1, 1, "later", 21))
    git("add", ".")
    git("commit", "-qm", "measured more")
    keep(root, *measured(np.random.default_rng(6), 2, 1, "latest", 22))
    status, out, err = bench(capsys, root, "@HEAD", "@", "--gate")
    assert status == 1
    assert err == "bench: the gate tripped: no cell could be compared: 19 unchanged\n"
    assert "|" not in out
    assert out.startswith("## @HEAD → now\n\n- 19 unchanged\n- the newest record is ")
    assert out.endswith("\n- only now has 2: latest/simple_cnn/v0/b128, latest/simple_cnn/v1/b128\n")


def test_a_gate_wants_an_answer_for_every_good_cell(root, capsys):
    broken = {"status": "out_of_memory", "suite": "again", "started": "2026-01-09T00:00:00Z"}
    assert bench(capsys, root, "/before", "/again", "--gate")[::2] == (0, "")
    keep(root, make_failed(variant="v6", suite="before"), make_record(variant="v7", suite="again"))
    keep(root, make_failed(variant="v6", suite="again"), make_failed(variant="v8", suite="before"))
    assert bench(capsys, root, "/before", "/again", "--gate")[::2] == (0, "")
    keep(root, make_failed(variant="v0", **broken | {"status": "skipped"}), make_record(variant="v9", suite="before"))
    keep(root, make_record(variant="v1", **broken | {"status": "ok", "windows": (Window(5, 0.1),)}))
    status, _, err = bench(capsys, root, "/before", "/again", "--gate")
    assert status == 1
    assert err == (
        "bench: the gate tripped: good on /before, and without an answer: simple_cnn/v0/b128 "
        "(it is skipped on /again); simple_cnn/v1/b128 (it has fewer than two windows on /again); simple_cnn/v9/b128 "
        "(it isn't on /again)\n"
    )
    keep(root, make_failed(variant="v2", **broken))
    status, _, err = bench(capsys, root, "/before", "/again", "--gate", "--only", "*/v2")
    assert status == 1
    assert err == (
        "bench: the gate tripped: slower, or ended badly: simple_cnn/v2/b128\n"
        "bench: the gate tripped: no cell could be compared: 1 not compared\n"
    )
    status, _, err = bench(capsys, root, "/before", "/again", "--gate", "--only", "*/v6")
    assert (status, err) == (1, "bench: the gate tripped: no cell could be compared: 1 not compared\n")


def test_files(root, capsys, tmp_path_factory):
    here = tmp_path_factory.mktemp("files")
    for suite in ("before", "after"):
        (here / f"{suite}.jsonl").write_bytes(journal_path(root, "xeon-2-cores", suite).read_bytes())
    status, out, _ = bench(capsys, root, here / "before.jsonl", here / "after.jsonl")
    assert status == 0
    assert "\n- 6 slower\n" in out
    assert "1.00 %, measured on xeon-2-cores" in out  # by the profile of the tree at hand
    status, out, _ = bench(capsys, here, root / "results" / "xeon-2-cores" / "before.jsonl", here / "after.jsonl")
    assert "xeon-2-cores in " in out  # one tree knows the host's spread and the other doesn't


def test_a_planted_file_of_one_moment_is_not_called_unchanged(root, capsys):
    path = journal_path(root, "xeon-2-cores", "before")
    planted = root / "planted.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        line["windows"] = [[steps, seconds * 1.05] for steps, seconds in line["windows"]]
    planted.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert "- 6 slower\n" in bench(capsys, root, path, planted)[1]


def test_damaged_lines_are_told_on_standard_error(root, capsys):
    path = journal_path(root, "xeon-2-cores", "after")
    path.write_text("<<<<<<< ours\n" + path.read_text())
    status, out, err = bench(capsys, root, "/before", "/after", "--json")
    assert status == 0
    assert err.startswith(f"bench: {path}:1: this line is damaged and was passed over")
    json.loads(out)


def trained(variant="notebook", by=0.0, **changes):
    for seed, share in enumerate((0.800, 0.804, 0.796)):
        yield make_trained(variant=variant, accuracy=share + by, test=share + by, seed=seed, shake=0, **dict(changes))


@pytest.fixture
def learnt(tmp_path):
    """Two variants of a model that was trained on one host, one of them on another too."""
    keep(tmp_path, *trained(), *trained("bf16", -0.03, step_ms=8, options={"precision": "mixed_bfloat16"}))
    keep(tmp_path, *trained(host="t4", step_ms=4, device=T4), make_record("vgg16", suite="cnn"))
    return tmp_path


def test_two_cells_before_and_after(learnt, capsys):
    status, out, err = bench(capsys, learnt, "xeon-2-cores:simple_cnn/notebook", ":simple_cnn/bf16/b128")
    assert (status, err) == (0, "")
    assert out.startswith("## xeon-2-cores:simple_cnn/notebook → :simple_cnn/bf16/b128\n")
    assert "times as fast; ⚠ it is less accurate: test accuracy 80.0 → 77.0 % (−3.0 points" in out
    assert "| 80.0 ± 0.4 |" in " ".join(out.split())
    assert "- differs: precision float32 → mixed_bfloat16\n" in out


def test_a_cell_in_several_places_is_meant_where_the_other_lies(learnt, capsys):
    status, out, _ = bench(capsys, learnt, ":simple_cnn/notebook", ":simple_cnn/bf16")
    assert status == 0
    assert "simple_cnn/notebook/b128 – seeds 0, 1, 2; suite trained on xeon-2-cores" in out


def test_one_cell_on_two_hosts(learnt, capsys):
    status, out, _ = bench(capsys, learnt, "xeon-2-cores:simple_cnn/notebook", "t4:simple_cnn/notebook")
    assert status == 0
    assert "|   xeon-2-cores:simple_cnn/notebook |   t4:simple_cnn/notebook |" in out
    assert "- faster, 4.00 ± " in out
    assert "accuracy not distinguishable" in out
    assert "- differs: host xeon-2-cores → t4\n" in out


def test_two_cells_for_programs(learnt, capsys):
    sides = ["xeon-2-cores:simple_cnn/notebook", "xeon-2-cores/trained:simple_cnn/bf16"]
    status, out, _ = bench(capsys, learnt, *sides, "--json")
    assert status == 0
    found = json.loads(out)
    assert found["faster_and_less_accurate"] is True
    assert found["changes"]["test_accuracy"]["change"] == pytest.approx(-0.03)


def test_the_gate_lets_no_less_accurate_cell_through(learnt, capsys):
    sides = ["xeon-2-cores:simple_cnn/notebook", ":simple_cnn/bf16"]
    status, _, err = bench(capsys, learnt, *sides, "--gate")
    assert (status, err) == (1, "bench: the gate tripped: simple_cnn/bf16/b128 is less accurate\n")
    status, _, err = bench(capsys, learnt, "xeon-2-cores:simple_cnn/notebook", "t4:simple_cnn/notebook", "--gate")
    assert (status, err) == (0, "")


def test_a_cell_as_it_was_on_a_day(learnt, capsys):
    keep(learnt, *trained(by=0.05, started="2026-01-09T10:00:00+00:00"))
    sides = ["xeon-2-cores@2026-01-06:simple_cnn/notebook", "xeon-2-cores:simple_cnn/notebook"]
    status, out, _ = bench(capsys, learnt, *sides)
    assert status == 0
    assert "more accurate too: test accuracy 80.0 → 85.0 %" in out


def test_a_cell_of_a_file_whose_name_has_a_colon(learnt, capsys):
    odd = learnt / "a:b.jsonl"
    odd.write_bytes(journal_path(learnt, "xeon-2-cores", "trained").read_bytes())
    status, out, _ = bench(capsys, learnt, f"{odd}:simple_cnn/notebook", f"{odd}:simple_cnn/bf16")
    assert status == 0
    assert "⚠" in out


CELLS = [
    (("xeon-2-cores:simple_cnn/notebook", "t4"), ["names a cell and 't4' doesn't", "'t4:simple_cnn/notebook'"]),
    (
        ("@", ":simple_cnn/bf16"),
        ["':simple_cnn/bf16' names a cell and '@' doesn't", "':simple_cnn/bf16', or on neither"],
    ),
    (("xeon-2-cores:simple_cnn/notebok", ":simple_cnn/bf16"), ["no cell", "did you mean 'simple_cnn/notebook'?"]),
    (("xeon-2-cores:simple_cnn", ":simple_cnn/bf16"), ["names 2 cells", "simple_cnn/notebook/b128"]),
    ((":simple_cnn/notebook", ":simple_cnn/notebook/b128"), ["in 2 places", "t4/trained, xeon-2-cores/trained"]),
    ((":vgg16", ":simple_cnn/bf16"), ["a cell of vgg16", "of simple_cnn", "one model"]),
    (("xeon-2-cores:", ":simple_cnn/bf16"), ["no cell follows the colon"]),
    (("xeon-2-cores:simple_cnn@HEAD", ":simple_cnn"), ["the cell comes last", "'xeon-2-cores@HEAD:simple_cnn'"]),
    (("nowhere:simple_cnn", ":simple_cnn"), ["nothing was measured on a host 'nowhere'"]),
    (("t4:simple_cnn", "t4:simple_cnn/notebook"), ["the very same records"]),
    (("t4:simple_cnn", "xeon-2-cores:simple_cnn/bf16", "--only", "*"), ["--only chooses among cells"]),
]


@pytest.mark.parametrize(("arguments", "says"), CELLS, ids=[" ".join(arguments) for arguments, _ in CELLS])
def test_bad_cells(learnt, capsys, arguments, says):
    status, out, err = bench(capsys, learnt, *arguments)
    assert (status, out) == (2, "")
    assert all(part in err for part in says), err
    assert "Traceback" not in err


WORDS = [
    (("/before", "/before"), ["both sides are '/before'", "such as @HEAD~1 and @"]),
    (("/before", "xeon-2-cores/before"), ["' are the very same 30 records", "nothing was measured between them"]),
    (("xeon-2-core", "/after"), ["'xeon-2-core'", "did you mean 'xeon-2-cores'?"]),
    (("xeon-2-cores/befor", "/after"), ["no suite or team 'befor'", "did you mean 'before'?"]),
    (("colab-t4", "xeon-2-cores"), ["colab-t4 has only published times", "`bench report`"]),
    (("@nope", "@"), ["wants a git repository"]),
    (("@2026-13-01", "@"), ["'2026-13-01' is no date"]),
    (("@2025-01-01", "@"), ["nothing was measured by then", "2026-01-05"]),
    (("/before", "absent.jsonl"), ["absent.jsonl: no such file"]),
    (
        ("/before", "other"),
        ["no cell is on both sides", "'/before' has 6 (before: simple_cnn/v0/b128, ", "'other' has 1"],
    ),
    (("/before", "/after", "--only", "*/v77"), ["--only '*/v77' matches no cell", "simple_cnn/v"]),
    (
        ("/before", "newer"),
        ["there is no record", "schema version 99", "newer version of the harness", "update the harness"],
    ),
    (("/before",), ["Missing argument"]),
]


@pytest.mark.parametrize(("arguments", "says"), WORDS, ids=[" ".join(arguments) for arguments, _ in WORDS])
def test_bad_input(root, capsys, monkeypatch, arguments, says):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(root.parent))
    keep(root, make_record("vgg16", host="other", suite="other"))
    if "newer" in arguments:
        (root / "results" / "newer").mkdir()
        (root / "results" / "newer" / "cnn.jsonl").write_text('{"schema_version": 99}\n')
    for order in (arguments, arguments[::-1]) if len(arguments) == 2 else (arguments,):
        status, out, err = bench(capsys, root, *order)
        assert (status, out) == (2, "")
        assert all(part in err for part in says), err
        assert "Traceback" not in err


def test_a_gate_passes_over_no_record_of_a_newer_version(root, capsys):
    journal = next((root / "results").glob("*/after.jsonl"))
    with journal.open("a") as file:
        file.write('{"schema_version": 99}\n')
    status, out, err = bench(capsys, root, "/before", "/after")
    assert (status, "schema version 99" in err) == (0, True)
    assert out
    status, out, err = bench(capsys, root, "/before", "/after", "--gate")
    assert (status, out) == (2, "")
    assert "update the harness" in err


@pytest.mark.parametrize(
    ("windows", "says"),
    [
        ((Window(5, 0.1),), "it has fewer than two windows on /after"),
        ((Window(5, 0.1), Window(5, 0.0)), "it has a window of 0 s on /after"),
        ((Window(5, 0.1), Window(0, 0.1)), "it has a window of 0 steps on /after"),
        ((Window(5, 0.1), Window(5, -2.0)), "it has a window of -2 s on /after"),
        ((Window(5, 0.1), Window(5, 1e300)), "it has a window of 1e+300 s on /after"),
        ((Window(5, 0.1), Window(10**40, 0.1)), "it has a window of countless steps on /after"),
    ],
)
def test_times_that_cannot_be_are_refused_in_words(root, capsys, windows, says):
    """In `compare`, and never NaN nor a traceback in any other table."""
    keep(root, make_record(variant="v0", suite="after", windows=windows, started="2026-01-09T00:00:00Z", baseline=True))
    status, out, _ = bench(capsys, root, "/before", "/after")
    assert status == 0
    assert f"not compared: {says}" in out
    assert "- 5 slower, 1 not compared\n" in out
    bench(capsys, root, "/before", "/after", "--json")
    for more in (["--no-figures"], ["--json"]):
        with pytest.raises(SystemExit) as ended:
            main(["report", "--root", str(root), *more])
        out = capsys.readouterr().out
        assert not ended.value.code
        assert "nan" not in out.replace("tenant", "").split()
        if len(windows) > 1:
            assert "it has a window of" in out or "it has a window of countless" in out


def test_nothing_heavy_is_imported(root):
    code = (
        "import sys\nfrom bench.cli.main import main\n"
        "try: main(sys.argv[1:])\nexcept SystemExit as end: assert not end.code, end.code\n"
        "loaded = {'tensorflow', 'keras', 'matplotlib'} & set(sys.modules)\n"
        "assert not loaded, loaded"
    )
    arguments = ["compare", "/before", "/after", "--root", root]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
