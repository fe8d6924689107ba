import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bench.cli.hosts import app
from bench.errors import InputError
from bench.host.detect import detect
from bench.host.measured import AiBenchmark, Noise, Peak, Roof, SelfTest
from bench.host.profile import HostProfile, Price, save
from bench.host.registry import recognise
from bench.results.journal import Journal, journal_path
from bench.results.record import Record
from tests import warm
from tests.host_trees import content, gpu, labels, make_host
from tests.records import T4, make_record


def shown(*arguments, **more):
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False, **more)


def tables(text):
    """The tables of a Markdown text by their headings: a list of cells a row, the marks of absent figures left out."""
    found = {}
    for line in text.splitlines():
        if line.startswith("### "):
            found[line.removeprefix("### ")] = rows = []
        elif line.startswith("|") and not line.startswith("|:"):
            rows.append([re.sub(r"– \(\w\)", "–", cell.strip()) for cell in line.strip("|").split("|")])
    return found


def width(text):
    """Of the widest table."""
    return max(len(line) for line in text.splitlines() if line.startswith("|"))


def rows(text, heading):
    return {cells[0]: cells for cells in tables(text)[heading][1:]}


def test_the_published_hosts_and_this_one_are_listed(tmp_path):
    here = recognise(tmp_path, detect()).profile
    text = shown("--root", tmp_path).stdout
    assert tables(text)["Scores and times"][0] == [
        *("host", "name", "AI-Score", "simple CNN", "residual", "VGG16", "residual")
    ]
    t4 = rows(text, "Scores and times")["colab-t4"]
    assert t4[1:4] + t4[5:6] == ["Colab (Tesla T4)", "14,248 P", "15 P", "75 P"]
    assert all(re.fullmatch(r"[+−]\d+ %", cell) for cell in (t4[4], t4[6]))
    assert rows(text, "Scores and times")[f"{here.id} ←"][2:] == ["–"] * 5
    assert rows(text, "Roofs")["colab-t4"][1:] == ["Tesla T4", "8.1 D", "float16 65 D", "320 D", "–"]
    assert list(tmp_path.iterdir()) == []
    assert width(text) <= 120 or len(here.label) > 30


def test_the_root_may_stand_in_the_environment(tmp_path):
    (tmp_path / "hosts").mkdir()
    (tmp_path / "hosts" / "box.yaml").write_text("id: box\nlabel: My box\n")
    assert "My box" in shown(env={"BENCH_ROOT": str(tmp_path)}).stdout
    assert "My box" in shown("show", "box", env={"BENCH_ROOT": str(tmp_path)}).stdout
    assert "My box" in shown("show", "box", "--root", tmp_path).stdout


def test_programs_get_json(tmp_path):
    hosts = json.loads(shown("--root", tmp_path, "--json").stdout)
    assert sum(host["this_machine"] for host in hosts) == 1
    p100 = next(host for host in hosts if host["id"] == "kaggle-p100")
    assert p100["published"]["ai_score"] == 20983
    assert p100["figures"]["ai_score"] == {
        "value": 20983,
        "origin": "published",
        "of": p100["published"]["source"],
        "absent": None,
    }
    assert p100["figures"]["launch_seconds"]["value"] is None
    assert "bench calibrate" in p100["figures"]["launch_seconds"]["absent"]
    assert p100["times"]["vgg16"]["step_seconds"]["value"] == 0.053
    one = json.loads(shown("--root", tmp_path, "show", "colab-t4", "--json").stdout)
    assert one in hosts


def test_one_host_is_shown_with_its_figures_and_hardware(tmp_path):
    text = shown("--root", tmp_path, "show", "colab-t4").stdout
    assert text.startswith("Colab (Tesla T4) (colab-t4)\n")
    assert tables(text)["Datasheet of the Tesla T4"][1:] == [
        ["products in float32", "8.1 TFLOP/s", "–"],
        ["products in float16", "65 TFLOP/s", "–"],
        ["the device's memory", "320 GB/s", "–"],
    ]  # the card has neither TF32 nor bfloat16
    assert tables(text)["Published"][2] == ["VGG16", "notebook", "128", "75", "14,765,988"]
    for part in ("course handout", "NVIDIA T4 datasheet", "expected here", "AI-Score 14,248"):
        assert part in text
    listed = rows(shown("--root", tmp_path).stdout, "Scores and times")["colab-t4"]
    assert f"  VGG16 75 ms/step, {listed[6]}\n" in text
    here = recognise(tmp_path, detect()).profile
    text = shown("--root", tmp_path, "show", here.id).stdout
    assert "this machine" in text
    assert here.hardware.cpu in text
    assert "no AI-Score: bench calibrate measures it" in text


def test_an_unknown_host_is_refused_with_the_nearest(tmp_path):
    with pytest.raises(InputError, match="unknown host 'colab-t5'; did you mean 'colab-t4'"):
        shown("--root", tmp_path, "show", "colab-t5")


def test_listing_imports_nothing_heavy(tmp_path):
    code = """
import sys
from bench.cli.hosts import app
app(["--root", sys.argv[1]], standalone_mode=False)
heavy = {"tensorflow", "keras", "pandas", "matplotlib"} & set(sys.modules)
sys.exit(f"imported {heavy}" if heavy else 0)
"""
    environ = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, env=environ)
    assert done.returncode == 0, done.stderr


def test_what_was_measured_of_a_host_and_its_price_are_shown(tmp_path):
    peak = Peak(flops_per_second=2.13e11, low=2.1e11, high=2.16e11, date="2026-01-05", reached_by="matrices of 2×2")
    noise = Noise(date="2026-01-06", in_turns=0.004, apart=0.013, rounds=6)
    test = SelfTest(date="2026-01-07", version="1", largest_error=0.0042, empty_step_seconds=0.0011, cells=9)
    profile = HostProfile(
        id="box", label="Box", peaks={"float32": peak}, noise=noise, self_test=test, price=Price(per_hour=0.35)
    )
    save(profile, tmp_path / "hosts" / "box.yaml")
    text = shown("--root", tmp_path, "show", "box").stdout
    assert tables(text)["Roofs"][1] == ["products in float32", "213.0 ± 3.0 GFLOP/s", "matrices of 2×2", "2026-01-05"]
    assert "0.400 % interleaved, 1.30 % apart (standard deviation, 6 rounds, 2026-01-06)" in text
    assert "within 0.420 % (9 cells, 2026-01-07, bench 1); fit around nothing takes 1.10 ms a step" in text
    assert "price: 0.35 USD an hour" in text


def test_every_test_of_ai_benchmark_is_shown_and_why_there_is_no_score(tmp_path):
    run = AiBenchmark(
        version="0.1.2",
        date="2026-01-08",
        absent="1 of 2 tests failed: VGG-16 training 2×224×224×3",
        seconds=1_800.0,
        software={"tensorflow": "2.21.0"},
        milliseconds={"MobileNet-V2 inference 50×224×224×3": 1432.5},
        failed={"VGG-16 training 2×224×224×3": "out of memory"},
    )
    roof = Roof(value=12.3e9, low=12.2e9, high=12.4e9, date="2026-01-09", of="64 MiB")
    save(
        HostProfile(
            id="box",
            label="Box",
            hardware=detect(),
            ai_benchmark={"full": run},
            roofs={"device_bandwidth": roof},
            roofs_absent={"host_to_device_bandwidth": "the device is the host itself"},
        ),
        tmp_path / "hosts" / "box.yaml",
    )
    text = shown("--root", tmp_path, "show", "box").stdout
    assert tables(text)["AI Benchmark"][1:] == [
        ["MobileNet-V2 inference 50×224×224×3", "1,432"],
        ["VGG-16 training 2×224×224×3", "failed: out of memory"],
    ]
    assert "no AI-Score, since 1 of its tests failed" in text
    assert tables(text)["Roofs"][1] == ["the device's memory", "12.30 ± 0.10 GB/s", "64 MiB", "2026-01-09"]
    assert "host to device: none, since the device is the host itself" in text
    listed = shown("--root", tmp_path).stdout
    assert rows(listed, "Scores and times")["box"][2] == "–"
    assert "AI Benchmark of 2026-01-08: 1 of 2 tests failed" in listed
    assert rows(listed, "Roofs")["box"][4] == "12.3"


def test_measured_times_stand_with_their_residuals(tmp_path):
    record = make_record(host="box", step_ms=14.0, device=T4)
    Journal(journal_path(tmp_path, "box", "cnn"), Record).append(record)
    card = gpu("Tesla T4", 15)
    score = AiBenchmark(version="0.1.2", date="2026-01-08", ai_score=14_000, seconds=300.0)
    save(HostProfile(id="box", label="Box", hardware=card, ai_benchmark={"full": score}), tmp_path / "hosts/box.yaml")
    text = shown("--root", tmp_path).stdout
    box = rows(text, "Scores and times")["box"]
    assert box[1:4] == ["Box", "14,000", "14.0"]
    entry = json.loads(shown("--root", tmp_path, "show", "box", "--json").stdout)
    time = entry["times"]["simple_cnn"]
    assert time["verdict"] == "healthy"
    assert time["residual"] == pytest.approx(0.014 / entry["expected"]["simple_cnn"]["middle_seconds"] - 1, rel=0.02)
    assert box[4] == f"{time['residual'] * 100:+.0f} %".replace("-", "−")
    assert f"healthy ({box[4]})" in shown("--root", tmp_path, "show", "box").stdout


def test_where_roofs_alone_tell_the_band_it_stands_in_place_of_a_residual(tmp_path):
    Journal(journal_path(tmp_path, "box", "cnn"), Record).append(make_record(host="box", step_ms=14.0))
    peak = Peak(flops_per_second=1e11, low=0.99e11, high=1.01e11, date="2026-01-05")
    save(HostProfile(id="box", label="Box", hardware=detect(), peaks={"float32": peak}), tmp_path / "hosts/box.yaml")
    text = shown("--root", tmp_path).stdout
    assert rows(text, "Scores and times")["box"][3:5] == ["14.0", "–"]
    line = r"^- \*\*(.)\*\* simple CNN 14 ms/step, expected [\d,.]+–[\d,.]+: .* \(no law"
    (note,) = re.findall(line, text, re.MULTILINE)
    (row,) = (line for line in text.splitlines() if line.startswith("| box ") and " 14.0 " in line)
    assert re.search(rf" 14\.0 \| +– \({note}\) \|", row)


def test_records_that_cannot_be_read_cost_no_list(tmp_path):
    (tmp_path / "results/box").mkdir(parents=True)
    (tmp_path / "results/box/cnn.jsonl").write_text('{"schema_version": 99}\n')
    (tmp_path / "results/box/digits.jsonl").write_bytes(b"\x1f\x8b")
    done = shown("--root", tmp_path)
    assert "colab-t4" in done.stdout
    assert "cnn.jsonl:1" in done.stderr
    assert "digits.jsonl: this file is compressed with gzip" in done.stderr


def test_records_without_a_profile_are_named(tmp_path):
    Journal(journal_path(tmp_path, "box", "cnn"), Record).append(make_record(host="box"))
    assert "results/ has records of box, but there is no hosts/box.yaml" in shown("--root", tmp_path).stderr


LISTED = """
import sys
from typer.testing import CliRunner
from bench.cli.hosts import app
done = CliRunner().invoke(app, ["--root", *sys.argv[1:]], catch_exceptions=False)
result = done.stdout
"""


def test_each_gpu_of_this_machine_is_a_host(nvml_standin, tmp_path):
    text = nvml_standin.run("rtx-2080-ti", LISTED, str(tmp_path))
    assert {"rtx-2080-ti ←", "gtx-1660-ti"} <= set(rows(text, "Scores and times"))
    cpu_id = rows(text, "This machine")["CPU"][1]
    assert cpu_id.startswith("cpu-")
    assert cpu_id not in rows(
        text, "Scores and times"
    )  # nothing was measured of it, and nothing would be as things are
    assert list(rows(text, "This machine").values()) == [
        ["GPU 0 ←", "rtx-2080-ti", "CUDA_DEVICE_ORDER=PCI_BUS_ID CUDA_VISIBLE_DEVICES=0"],
        ["GPU 1", "gtx-1660-ti", "CUDA_DEVICE_ORDER=PCI_BUS_ID CUDA_VISIBLE_DEVICES=1"],
        ["CPU", cpu_id, "CUDA_VISIBLE_DEVICES=-1"],
    ]
    text = nvml_standin.run("rtx-2080-ti", LISTED, str(tmp_path), env={"CUDA_VISIBLE_DEVICES": ""})
    assert f"{cpu_id} ←" in rows(text, "Scores and times")
    assert "rtx-2080-ti" in rows(text, "Scores and times")
    hosts = json.loads(nvml_standin.run("rtx-2080-ti", LISTED, str(tmp_path), "--json"))
    assert {host["id"]: [one["where"] for one in host["here"]] for host in hosts if host["here"]} == {
        "rtx-2080-ti": ["GPU 0"],
        "gtx-1660-ti": ["GPU 1"],
    }
    assert [host["id"] for host in hosts if host["this_machine"]] == ["rtx-2080-ti"]


def test_cards_of_one_kind_share_a_host_and_unlike_ones_do_not(nvml_standin, tmp_path):
    trace = tmp_path / "cards.ini"
    sizes = (40, 40, 80)
    trace.write_text(
        "".join(
            f"[gpu {i}]\nname = NVIDIA A100\nmemory_total = {n * 2**30}\nmemory_used = 1\n" for i, n in enumerate(sizes)
        )
    )
    text = nvml_standin.run(trace, LISTED, str(tmp_path))
    assert [row[1] for row in rows(text, "This machine").values()][:3] == ["a100", "a100", "a100-2"]
    assert "share a profile, which is of a kind of card in a machine and holds nothing that names a single one" in text
    assert "--host ID" in text


def test_each_slice_is_a_host_and_shows_how_it_is_measured(nvml_standin, tmp_path):
    text = nvml_standin.run("a100-mig", LISTED, str(tmp_path))
    assert {"a100-mig-1g-5gb ←", "a100-mig-2g-10gb"} <= set(rows(text, "Scores and times"))
    uuid = "MIG-66666666-aaaa-bbbb-cccc-000000000007"
    assert rows(text, "This machine")["GPU 0, slice 3"][2] == f"CUDA_VISIBLE_DEVICES={uuid}"
    assert "a MIG slice has no datasheet" in text
    assert width(text) <= 124  # of the longest name that a card has
    trace = tmp_path / "divided.ini"
    trace.write_text("[gpu 0]\nname = NVIDIA A100\nmig_mode = 1\nmax_slices = 7\n")
    text = nvml_standin.run(trace, LISTED, str(tmp_path))
    assert rows(text, "This machine")["GPU 0"][1:] == ["–", "GPU 0 is in MIG mode and has no slice"]
    assert rows(text, "This machine")["CPU ←"]


def bench(*arguments, **environment):
    command = [sys.executable, "-m", "bench", "hosts", *map(str, arguments)]
    return warm.run(command, capture_output=True, text=True, env=os.environ | environment)


def test_a_host_is_renamed_and_merged_from_the_command_line(tmp_path):
    make_host(make_host(tmp_path), "there", minute=10)
    told = bench("rename", "old", "new", "--label", "My box", "--root", tmp_path)
    assert told.returncode == 0, told.stderr
    assert told.stdout.splitlines() == [
        "old is now new (My box): hosts/new.yaml",
        "  calibration/ai-benchmark.jsonl: 1 line",
        "  cnn.jsonl: 3 lines",
        "  pairs/cnn.jsonl: 1 line",
        "  2 other files",
        "`bench report` writes results/report.md and its figures anew",
    ]
    again = bench("rename", "old", "new", "--root", tmp_path)
    assert (again.returncode, again.stdout) == (0, "old is new already: nothing is left to do\n")
    gone = bench("show", "old", "--root", tmp_path)
    assert (gone.returncode, gone.stderr) == (2, "bench: unknown host 'old'; it is called 'new' now\n")
    before = content(tmp_path)
    dry = json.loads(bench("merge", "new", "there", "--dry-run", "--json", "--root", tmp_path).stdout)
    assert content(tmp_path) == before
    merged = json.loads(bench("merge", "new", "there", "--json", "--root", tmp_path).stdout)
    assert (dry.pop("dry_run"), merged.pop("dry_run")) == (True, False)
    assert dry == merged
    assert [(one["file"], one["moved"]) for one in merged["files"][:3]] == [
        ("calibration/ai-benchmark.jsonl", 1), ("cnn.jsonl", 3), ("pairs/cnn.jsonl", 1),
    ]  # fmt: skip
    assert merged["profile"]["formerly"] == ["old", "new"]
    assert len(labels(tmp_path, "there")) == 6


def test_a_command_killed_in_the_middle_is_finished_by_the_same_command(tmp_path):
    make_host(tmp_path / "tree")
    (tmp_path / "sitecustomize.py").write_text(
        "import os, signal, sys\n"
        "def hook(event, args):\n"
        "    if event == 'os.remove' and str(args[0]).endswith('results/old/cnn.jsonl'):\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "sys.addaudithook(hook)\n"
    )
    rename = ("rename", "old", "new", "--root", tmp_path / "tree")
    killed = bench(*rename, PYTHONPATH=os.pathsep.join((str(tmp_path), str(Path(__file__).parents[2]))))
    assert killed.returncode == -signal.SIGKILL
    assert len(labels(tmp_path / "tree", "old")) == len(labels(tmp_path / "tree", "new")) == 3
    finished = bench(*rename)
    assert finished.returncode == 0, finished.stderr
    assert "cnn.jsonl: 0 lines, 3 were there already" in finished.stdout
    assert labels(tmp_path / "tree", "new") == [(0, "00"), (1, "01"), (0, "02")]
    assert not [name for name in content(tmp_path / "tree") if "old" in name]
