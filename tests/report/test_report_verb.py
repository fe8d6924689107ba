import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.cli.main import main
from bench.results.journal import journal_path
from bench.results.metrics import METRICS


def bench(capsys, *arguments):
    with pytest.raises(SystemExit) as raised:
        main(["report", *map(str, arguments)])
    said = capsys.readouterr()
    return raised.value.code, said.out, said.err


def test_tables_go_to_standard_output_and_into_files(reported):
    assert reported.status == 0
    assert reported.out.startswith("## The handout's table\n")
    assert "](" not in reported.out
    assert f"wrote {reported.root / 'results' / 'report.md'} and 9 figures, as PNG and SVG" in reported.err
    assert reported.root / "results" / "report.md" in reported.files


def test_choices(root, capsys):
    status, out, err = bench(capsys, "--root", root, "--suite", "digits", "--no-figures")
    assert status == 0
    assert out.startswith("## The simple CNN on digits — Xeon, 2 cores")
    assert "figure" not in err


def test_figures_for_programs(root, capsys):
    status, out, err = bench(capsys, "--root", root, "--json", "--host", "xeon-2-cores")
    assert (status, err) == (0, "")
    rows = json.loads(out)
    assert {row["host"] for row in rows} == {"xeon-2-cores"}
    by_cell = {row["cell"]: row for row in rows if row["suite"] == "cnn"}
    base, bf16 = by_cell["vgg16/notebook/b128"], by_cell["vgg16/mixed_bfloat16/b128"]
    assert set(METRICS) <= set(base)
    assert base["step_seconds_low"] < base["step_seconds"] < base["step_seconds_high"]
    assert base["step_seconds"] == pytest.approx(0.616, rel=0.02)
    assert base["speedup"] is None
    assert bf16["speedup_low"] < bf16["speedup"] < bf16["speedup_high"]
    assert bf16["speedup_verdict"] == "faster"
    assert base["accuracy_synthetic"] is True
    assert base["peak_gpu_nvml_bytes"] is None
    assert base["absent"]["peak_gpu_nvml_bytes"].startswith("no NVIDIA driver")
    assert "synthetic-data" in [finding["code"] for finding in base["findings"]]
    skipped = by_cell["simple_cnn/mixed_float16/b128"]
    assert (skipped["status"], skipped["step_seconds"]) == ("skipped", None)
    assert "tensor cores" in skipped["failure"]["message"]
    assert not (root / "results" / "report.md").exists()


def test_what_was_trained_for_programs(root, capsys):
    status, out, _ = bench(capsys, "--root", root, "--json", "--suite", "trained")
    assert status == 0
    by_cell = {row["cell"]: row for row in json.loads(out)}
    bf16 = by_cell["compact/bf16/b128/s1"]
    assert bf16["before_after"]["faster_and_less_accurate"] is True
    assert bf16["before_after"]["b"]["seeds"] == [0, 1]
    assert [effect["setting"] for effect in bf16["effects"]] == ["precision"]
    assert bf16["training"]["restored"] is True
    assert by_cell["compact/xla/b128/s0"]["training"] is None
    assert by_cell["compact/xla/b128/s0"]["train"]["epochs"] == 40


def test_nothing_measured_yet(tmp_path, capsys):
    for more in ([], ["--json"]):
        status, out, err = bench(capsys, "--root", tmp_path, *more)
        assert (status, out) == (2, "")
        assert "no results yet" in err
        assert "bench run" in err


def test_a_file_from_a_newer_version(root, capsys):
    path = journal_path(root, "colab-t4", "cnn")
    path.write_text(path.read_text() + '{"schema_version": 99}\n')
    status, out, err = bench(capsys, "--root", root, "--no-figures")
    assert status == 0
    assert f"{path}:5: " in err
    assert "newer version" in err
    assert "## Networks under options — Colab (Tesla T4)" in out


def test_a_damaged_line_is_told_on_standard_error(root, capsys):
    path = journal_path(root, "colab-t4", "cnn")
    path.write_text("<<<<<<< ours\n" + path.read_text())
    status, out, err = bench(capsys, "--root", root, "--no-figures")
    assert status == 0
    assert f"{path}:1: this line is damaged" in err
    assert "## Networks under options — Colab (Tesla T4)" in out


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [([], {"tensorflow", "keras"}), (["--no-figures"], {"matplotlib"}), (["--json"], {"matplotlib", "tabulate"})],
)
def test_only_what_is_needed_is_imported(root, arguments, unwanted):
    code = (
        "import sys\nfrom bench.cli.main import main\n"
        "try: main(sys.argv[2:])\n"
        "finally: print(*sorted(sys.modules), sep='\\n', file=open(sys.argv[1], 'w'))"
    )
    seen = root / "modules"
    subprocess.run(
        [sys.executable, "-c", code, seen, "report", "--root", root, *arguments],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    imported = set(seen.read_text().split())
    assert "bench.results.reading" in imported
    assert imported.isdisjoint(unwanted | {"tensorflow", "keras"})
