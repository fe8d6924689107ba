import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bench.cli.hosts import app
from bench.errors import InputError
from bench.host.detect import detect
from bench.host.measured import Noise, Peak, SelfTest
from bench.host.profile import HostProfile, Price, save
from bench.host.registry import recognise, remember


def shown(*arguments, **more):
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False, **more)


def test_the_published_hosts_and_this_one_are_listed(tmp_path):
    here = recognise(tmp_path, detect()).profile
    lines = shown("--root", tmp_path).stdout.splitlines()
    rows = {cells[0]: cells for cells in ([cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:])}
    assert rows["colab-t4"][1:] == ["Colab (Tesla T4)", "Tesla T4", "14248", "published", ""]
    assert rows[here.id][4:] == ["none yet", "yes"]
    assert list(tmp_path.iterdir()) == []
    remember(tmp_path, here)
    assert "| measured" in shown("--root", tmp_path).stdout


def test_the_root_may_stand_in_the_environment(tmp_path):
    (tmp_path / "hosts").mkdir()
    (tmp_path / "hosts" / "box.yaml").write_text("id: box\nlabel: My box\n")
    assert "My box" in shown(env={"BENCH_ROOT": str(tmp_path)}).stdout
    assert "My box" in shown("show", "box", env={"BENCH_ROOT": str(tmp_path)}).stdout
    assert "My box" in shown("show", "box", "--root", tmp_path).stdout


def test_programs_get_json(tmp_path):
    hosts = json.loads(shown("--root", tmp_path, "--json").stdout)
    assert sum(host["this_machine"] for host in hosts) == 1
    assert next(host for host in hosts if host["id"] == "kaggle-p100")["published"]["ai_score"] == 20983
    one = json.loads(shown("--root", tmp_path, "show", "colab-t4", "--json").stdout)
    assert one in hosts


def test_one_host_is_shown_with_its_figures_and_hardware(tmp_path):
    text = shown("--root", tmp_path, "show", "colab-t4").stdout
    assert text.startswith("Colab (Tesla T4) (colab-t4)\n")
    assert "course handout" in text
    for figure in ("float16 peak", "65 TFLOP/s", "320 GB/s", "NVIDIA T4 datasheet"):
        assert figure in text
    assert "tf32" not in text  # the card has none
    assert "14,765,988" in text
    here = recognise(tmp_path, detect()).profile
    text = shown("--root", tmp_path, "show", here.id).stdout
    assert "this machine" in text
    assert here.hardware.cpu in text


def test_an_unknown_host_is_refused_with_the_nearest(tmp_path):
    with pytest.raises(InputError, match="unknown host 'colab-t5'; did you mean 'colab-t4'"):
        shown("--root", tmp_path, "show", "colab-t5")


def test_listing_imports_nothing_heavy(tmp_path):
    code = """
import sys
from bench.cli.hosts import app
app(["--root", sys.argv[1]], standalone_mode=False)
heavy = {"tensorflow", "keras", "pandas", "matplotlib", "scipy", "numpy"} & set(sys.modules)
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
    assert "213 ± 3 GFLOP/s, with matrices of 2×2 | 2026-01-05" in text
    assert "0.4% in turns, 1.3% apart (6 rounds)" in text
    assert "0.42% of 9 known cells" in text
    assert "1.1 ms" in text
    assert "price: 0.35 USD an hour" in text
