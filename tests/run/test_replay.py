"""Whole runs on cards that aren't there: recorded windows replayed under the stand-in for NVML's library."""

import json
from functools import cache

import pytest

from bench.instruments.nvml import GPU_METRICS

RUN = """
import tempfile
from pathlib import Path
from bench.run.run_suite import run_suite
from bench.run.prepare import Request
from bench.suite import load
from bench.testing import Listener, ReplayExecutor
from tests.records import make_record

device = json.loads(sys.argv[1])
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "tiny.yaml"
    path.write_text(
        "data: {name: synthetic, shape: [8, 8, 3], classes: 4, images: 400, test_images: 10}\\n"
        "models: [simple_cnn]\\nvariants: [notebook]\\nprotocol: {precision: 1.0e-9, max_seconds: 2}"
    )
    suite = load(path)
    record = make_record(host="some-card", device=device)
    summary = run_suite(Request(suite, suite.cells(), Path(folder)), ReplayExecutor([record]), Listener())
    assert summary.host.id == "some-card", summary.host
    result = summary.records[0].model_dump(mode="json")
"""
CARDS = {
    "t4": ("Tesla T4", None),
    "p100": ("Tesla P100-PCIE-16GB", None),
    "rtx-2080-ti": ("NVIDIA GeForce RTX 2080 Ti", None),
    "a100-mig": (
        "NVIDIA A100-SXM4-40GB MIG 1g.5gb",
        {"CUDA_VISIBLE_DEVICES": "MIG-55555555-aaaa-bbbb-cccc-000000000006"},
    ),
    "jetson": ("Orin (nvgpu)", None),
    "wsl": ("NVIDIA GeForce RTX 3070", None),
    "driver-not-loaded": ("Tesla T4", None),
}


MAY_BE_ZERO = {"gpu_throttle_reasons", "foreign_gpu_processes", "foreign_gpu_memory_bytes"}


@pytest.fixture(scope="module")
def replayed(nvml_standin):
    @cache
    def run(trace):
        name, env = CARDS[trace]
        device = {"kind": "gpu", "name": name, "gpu_name": name, "gpu_unused": None}
        record = nvml_standin.run(trace, RUN, json.dumps(device), env=env)
        assert (record["status"], record["executor"], record["stopped_by"]) == ("ok", "replay", "budget")
        assert record["device"]["gpu_name"] == name
        for metric in GPU_METRICS:
            value = record["values"][metric]
            assert (value is None) == (metric in record["absent"]), (metric, value)
            assert value is None or value > 0 or metric in MAY_BE_ZERO, (metric, value)
        return record

    return run


@pytest.mark.parametrize(
    ("trace", "absent"),
    [
        ("t4", {"peak_gpu_process_bytes", "foreign_gpu_processes", "foreign_gpu_memory_bytes"}),
        ("p100", set()),
        ("rtx-2080-ti", set()),
        ("a100-mig", {name for name in GPU_METRICS if name.startswith("gpu_")}),
        ("jetson", set(GPU_METRICS)),
        (
            "wsl",
            {"peak_gpu_process_bytes", "gpu_throttle_reasons", "foreign_gpu_processes", "foreign_gpu_memory_bytes"},
        ),
        ("driver-not-loaded", set(GPU_METRICS)),
    ],
)
def test_each_card_gives_its_figures_or_its_reasons(replayed, trace, absent):
    assert {metric for metric in GPU_METRICS if replayed(trace)["values"][metric] is None} == absent


def test_the_watch_goes_by_the_replayed_time(replayed):
    record = replayed("p100")
    seconds = sum(seconds for _, seconds in record["windows"])
    assert seconds == pytest.approx(2, abs=0.15)
    # 40, 120 and 160 W, then 80 W: a look every quarter of a second
    watts = record["values"]["gpu_power_watts"]
    assert watts == pytest.approx(90, rel=0.05)
    assert record["values"]["gpu_energy_joules"] == pytest.approx(watts * seconds, rel=0.02)
    assert "integrated from" in record["notes"]["gpu_energy_joules"]


def test_a_heat_limit_that_the_card_reports_is_a_finding(replayed):
    assert {"throttled", "power-cap", "replay"} <= {finding["code"] for finding in replayed("t4")["findings"]}
