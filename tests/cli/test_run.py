"""The main job from the outside: real processes, real files."""

import json
import os
import shutil
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from bench.instruments.stats import estimate
from bench.results.record import SCHEMA_VERSION
from bench.support.resources import shipped_folder
from tests import warm
from tests.run.watching import becomes, gone

SUITE = """\
data: {name: synthetic, shape: [24, 24, 3], classes: 5, images: 400, test_images: 10}
models: [simple_cnn]
variants:
  notebook: {}
  uint8: {pixels: uint8}
batch_sizes: [16]
protocol: {precision: 0.9, max_seconds: 0.5, min_windows: 3, min_seconds: 0, warmup_seconds: 0, window_seconds: 0.02}
"""
TINY = SUITE.replace("[simple_cnn]", "{simple_cnn: {network: 'tiny_models:dense'}}")
"""The same with a network that takes less to build."""
ENDLESS = ["--set", "protocol.precision=0.0000001", "--set", "protocol.max_seconds=100"]


def laid_out(folder):
    (folder / "suites").mkdir()
    (folder / "suites" / "tiny.yaml").write_text(TINY)
    shutil.copy(Path(__file__).parents[1] / "run" / "tiny_models.py", folder / "suites")
    return folder


@pytest.fixture
def tree(tmp_path):
    return laid_out(tmp_path)


@pytest.fixture(scope="module")
def measured_once(tmp_path_factory):
    folder = laid_out(tmp_path_factory.mktemp("measured"))
    done = run(folder, "--only", "*/notebook")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def measured(measured_once, tmp_path):
    """A tree that has one record, of the first of two cells."""
    return Path(shutil.copytree(measured_once, tmp_path / "measured"))


def command(*arguments):
    return [sys.executable, "-m", "bench", *map(str, arguments)]


def bench(tree, *arguments, **kwargs):
    return warm.run(command(*arguments), cwd=tree, capture_output=True, text=True, **kwargs)


def run(tree, *arguments):
    return bench(tree, "run", "suites/tiny.yaml", *arguments)


def records(tree):
    lines = [path.read_text().splitlines() for path in sorted(tree.glob("results/*/*.jsonl"))]
    return [json.loads(line) for file in lines for line in file]


def variants(tree):
    """In the order in which they were first recorded: each may have been measured in several processes."""
    return list(dict.fromkeys(record["variant"] for record in records(tree)))


def listing(tree):
    return sorted(str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_file())


def test_a_suite_is_measured_recorded_and_shown(tree):
    """Started as a user would; the other tests' processes are forked."""
    (tree / "suites" / "tiny_models.py").unlink()
    (tree / "suites" / "tiny.yaml").write_text(SUITE)
    done = subprocess.run(command("run", "suites/tiny.yaml"), cwd=tree, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "| notebook " in done.stdout
    assert "simple_cnn (" in done.stdout
    assert "2 cells on" in done.stderr
    assert "2/2  simple_cnn/uint8/b16" in done.stderr
    first, *_ = records(tree)
    second = next(record for record in records(tree) if not record["baseline"])
    assert [first["cell"], second["cell"]] == ["simple_cnn/notebook/b16", "simple_cnn/uint8/b16"]
    assert (first["baseline"], second["baseline"]) == (True, False)
    assert first["schema_version"] == SCHEMA_VERSION
    assert first["fingerprint"] != second["fingerprint"]
    assert first["software"]["keras"].startswith("3.")
    assert [finding["code"] for finding in first["findings"]].count("synthetic-data") == 1
    for name in ("peak_gpu_nvml_bytes", "gpu_power_watts", "gpu_idle_watts", "foreign_cpu_share"):
        assert first["values"][name] is not None or first["absent"][name]
    host = first["host"]
    profile = (tree / "hosts" / f"{host}.yaml").read_text()
    assert os.uname().nodename not in profile
    assert listing(tree) == [
        f"hosts/{host}.yaml",
        "results/.index/.gitignore",
        "results/.index/figures.json",
        *sorted({f"results/{host}/networks/{one['network']}.json" for one in records(tree) if one["network"]}),
        f"results/{host}/tiny.jsonl",
        f"results/figures/{host}/tiny-speedup.png",
        f"results/figures/{host}/tiny-speedup.svg",
        "results/report-full.md",
        "results/report.md",
        "suites/tiny.yaml",
    ]


def test_attribution_is_recorded_and_shown_and_resume_knows_of_it(tree):
    done = run(tree, "--attribute", "--only", "*/notebook/*")
    assert done.returncode == 0, done.stderr
    (record,) = records(tree)
    loops = {loop: record["attribution"][loop] for loop in ("pipeline", "step", "device")}
    assert loops["pipeline"]
    slow = estimate(loops["step"]).step_seconds > 0.1  # on a busy machine; dispatch doesn't matter then
    assert bool(loops["device"]) is not slow
    assert record["stages"]["attribution"] > 0
    assert "### Bottleneck of each step" in done.stdout
    assert "0 cells on" in run(tree, "--attribute", "--resume", "--only", "*/notebook/*").stderr


def test_resume_measures_only_what_has_no_good_record(measured):
    tree = measured
    again = run(tree, "--resume")
    assert again.returncode == 0, again.stderr
    assert "1 cell on" in again.stderr
    assert "1 more is there already" in again.stderr
    assert variants(tree) == ["notebook", "uint8"]
    assert "0 cells on" in run(tree, "--resume").stderr
    changed = run(tree, "--resume", "--set", "seeds=[1]")
    assert "2 cells on" in changed.stderr


def test_a_cell_that_fails_costs_no_other_and_the_status_says_so(tree):
    (tree / "suites" / "my_models.py").write_text(
        "import keras\n"
        "class Broken(keras.layers.Dense):\n"
        "    def call(self, x, training=None):\n"
        "        if training:\n"
        "            raise RuntimeError('as bad as can be')\n"
        "        return super().call(x)\n"
        "def broken(input_shape, classes):\n"
        "    head = Broken(classes, activation='softmax')\n"
        "    return keras.Sequential([keras.Input(input_shape), keras.layers.Flatten(), head])\n"
    )
    done = run(tree, "--set", "models=['my_models:broken', simple_cnn]", "--set", "variants=[notebook, float16]")
    assert done.returncode == 1, done.stderr
    by_status = {record["status"]: record for record in records(tree)}
    assert next(iter(by_status)) == "failed"
    failure = by_status["failed"]["failure"]
    assert failure["stage"] == "first step"
    assert "as bad as can be" in failure["message"]
    assert "as bad as can be" in (tree / failure["log"]).read_text()
    assert by_status["ok"]["cell"] == "simple_cnn/notebook/b16"
    assert "as bad as can be" in done.stdout


def test_records_of_a_newer_version_are_added_to(tree):
    folder = tree / "results" / "box"
    folder.mkdir(parents=True)
    newer = '{"schema_version": 999, "suite": "tiny"}\n'
    (folder / "tiny.jsonl").write_text(newer)
    done = run(tree, "--host", "box", "--only", "*/notebook")
    assert done.returncode == 0, done.stderr
    kept = (folder / "tiny.jsonl").read_text()
    assert kept.startswith(newer)
    assert json.loads(kept.removeprefix(newer))["status"] == "ok"


def test_json_is_all_that_reaches_standard_output(tree):
    done = run(tree, "--json")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert [row["cell"] for row in rows] == ["simple_cnn/notebook/b16", "simple_cnn/uint8/b16"]


def test_a_dry_run_lists_the_cells_and_writes_nothing(tree):
    before = listing(tree)
    done = run(tree, "--dry-run", "--only", "*uint8*")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].startswith("simple_cnn/uint8/b16 ")
    assert "1 cell on" in done.stdout
    as_json = json.loads(run(tree, "--dry-run", "--json").stdout)
    assert [cell["cell"] for cell in as_json["cells"]] == ["simple_cnn/notebook/b16", "simple_cnn/uint8/b16"]
    assert as_json["seconds"] == pytest.approx(sum(cell["seconds"] for cell in as_json["cells"]))
    assert listing(tree) == before


def wait_for(process, text, seen):
    for line in process.stderr:
        seen.append(line)
        if text in line:
            return
    raise AssertionError("".join(seen))


def children(pid):
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in listed]


def descendants(pid):
    found = []
    for child in children(pid):
        found += [child, *descendants(child)]
    return found


@pytest.fixture
def midway(measured):
    """A run that has one record, and measures its second cell without end."""
    tree = measured
    process = warm.Popen(
        command("run", "suites/tiny.yaml", "--only", "*/uint8", *ENDLESS),
        cwd=tree,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    seen: list[str] = []
    wait_for(process, "1 cell on", seen)
    assert becomes(lambda: len(descendants(process.pid)) >= 3)  # a guardian, a server and the cell
    yield tree, process, descendants(process.pid)
    process.kill()
    process.wait()
    process.stdout.close()
    process.stderr.close()


def all_gone(pids):
    return all(becomes(partial(gone, pid)) for pid in pids)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_keeps_the_records_and_says_how_to_go_on(midway, end):
    tree, process, family = midway
    process.send_signal(end)
    output, errors = process.communicate()
    assert process.returncode == 130, errors
    assert "bench run suites/tiny.yaml --only '*/uint8'" in errors
    assert "--resume" in errors
    assert "0 cells kept" in errors
    assert "Traceback" not in output + errors
    assert all_gone(family)
    assert variants(tree) == ["notebook"]
    assert "1 cell on" in run(tree, "--resume").stderr
    assert variants(tree) == ["notebook", "uint8"]


def test_kill_9_loses_nothing_and_leaves_no_process(midway):
    tree, process, family = midway
    process.kill()
    process.wait()
    assert all_gone(family)
    assert variants(tree) == ["notebook"]


def test_a_torn_last_line_is_set_aside_with_a_message(measured):
    tree = measured
    (path,) = tree.glob("results/*/*.jsonl")
    with path.open("a") as file:
        file.write('{"schema_version": 1, "suite": "ti')
    done = run(tree, "--resume")
    assert done.returncode == 0, done.stderr
    assert "torn" in done.stderr
    assert variants(tree) == ["notebook", "uint8"]
    assert len(list(path.parent.glob("tiny.jsonl.torn-*"))) == 1


def test_a_card_that_changed_gets_an_id_of_its_own(tree):
    first = bench(tree, "run", "suites/tiny.yaml", "--only", "*/notebook", "--host", "mine")
    assert first.returncode == 0, first.stderr
    profile = tree / "hosts" / "mine.yaml"
    cpu = next(line for line in profile.read_text().splitlines() if line.strip().startswith("cpu:"))
    profile.write_text(profile.read_text().replace(cpu, "  cpu: Another Processor 9000"))
    second = bench(tree, "run", "suites/tiny.yaml", "--only", "*/notebook", "--host", "mine")
    assert second.returncode == 0, second.stderr
    assert "Another Processor 9000" in second.stderr
    assert [record["host"] for record in records(tree)] == ["mine", "mine-2"]


def test_a_tree_is_laid_out_and_runs(tmp_path):
    done = bench(tmp_path, "init", "new")
    assert done.returncode == 0, done.stderr
    assert listing(tmp_path) == [
        "new/hosts/colab-t4.yaml",
        "new/hosts/kaggle-p100.yaml",
        "new/hosts/rtx-2080-ti.yaml",
        *sorted(f"new/suites/{file.name}" for file in shipped_folder("suites").iterdir()),
    ]
    (tmp_path / "new" / "suites" / "cnn.yaml").write_text("mine\n")
    again = bench(tmp_path, "init", "new")
    assert "cnn.yaml was there already and stays as it is" in again.stderr
    assert (tmp_path / "new" / "suites" / "cnn.yaml").read_text() == "mine\n"
    assert bench(tmp_path, "run", "new/suites/digits.yaml", "--dry-run", "--root", "new").returncode == 0
