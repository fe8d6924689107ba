"""Several GPUs of one cell: each by itself, and what they come to together, by hand from two traces."""

import pytest

WATCH = """
import os, sys
from bench.instruments.watch import CellWatch
count = int(sys.argv[1])
times = iter(range(10, 100))
with CellWatch({}, clock=lambda: next(times), processors=False, devices=count) as watch:
    watch.started(os.getpid())
    watch.begin()
    watch.sample()
    watch.end()
    result = [*watch.summary(), watch.notes(), watch.by_device()]
"""
ENERGY = """
import sys
from bench.instruments.energy import EnergyMeter
times = iter(range(100))
with EnergyMeter({}, lambda: next(times), int(sys.argv[1])) as meter:
    result = [(lap.value, lap.reason) for lap in (meter.lap(), meter.lap())]
"""
TWO = """\
[gpu 0]
memory_total = 16000000000
memory_used = 1000000000 3000000000 2000000000
energy_mj = 1000 21000
power_mw = 50000
utilization = 0 50 70
temperature = 40 50 60
event_reasons = 0x1
[gpu 1]
memory_total = 16000000000
memory_used = 1000000000
energy_mj = 5000 35000
power_mw = 70000
utilization = 0 90 90
temperature = 45
event_reasons = 0x40
"""


@pytest.fixture
def trace(tmp_path):
    path = tmp_path / "two.ini"
    path.write_text(TWO)
    return path


def test_memory_and_energy_are_of_each_and_their_sum(nvml_standin, trace):
    values, _, notes, each = nvml_standin.run(trace, WATCH, "2")
    own = [(one["peak_gpu_nvml_bytes"], one["gpu_energy_joules"]) for one, _ in each]
    assert own == [(3e9, 20.0), (1e9, 30.0)]
    assert (values["peak_gpu_nvml_bytes"], values["gpu_energy_joules"]) == (4e9, 50.0)
    assert values["gpu_power_watts"] == pytest.approx(120)
    assert values["gpu_utilization"] == pytest.approx((0.6 + 0.9) / 2)
    assert (values["gpu_temperature_celsius"], values["gpu_throttle_reasons"]) == (60, 0x40)
    assert notes == {}


def test_one_that_tells_nothing_leaves_the_sum_absent_with_its_name(nvml_standin, trace):
    values, reasons, _, each = nvml_standin.run(trace, WATCH, "3")
    assert values["gpu_energy_joules"] is None
    assert reasons["gpu_energy_joules"] == "of GPU:2: NVML shows the process no GPU:2"
    assert each[0][0]["gpu_energy_joules"] == 20.0
    trace.write_text(TWO.replace("energy_mj = 5000 35000\npower_mw = 70000\n", ""))
    values, reasons, _, _ = nvml_standin.run(trace, WATCH, "2")
    assert values["gpu_energy_joules"] is None
    assert reasons["gpu_energy_joules"].startswith("of GPU:1: NVML: not supported")


def test_an_epochs_energy_is_that_of_all(nvml_standin, trace):
    (first, _), (second, why) = nvml_standin.run(trace, ENERGY, "2")
    assert (first, second, why) == (None, 50.0, None)
