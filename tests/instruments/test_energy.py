"""Energy from lap to lap: figures computed by hand from the traces."""

import pytest

METER = """
import sys
from bench.instruments.energy import EnergyMeter
times = iter(json.loads(sys.argv[1]))
samples = int(sys.argv[2])
with EnergyMeter(clock=lambda: next(times)) as meter:
    first = meter.lap()
    for _ in range(samples):
        meter.sample()
    second = meter.lap()
    result = [first.value, first.reason, second.value, second.reason]
"""


def test_the_counter_says_what_a_lap_took(nvml_standin):
    first, _, second, reason = nvml_standin.run("t4", METER, "[0, 1, 2]", "1")
    assert first is None
    assert (second, reason) == (pytest.approx(62.5), None)  # 5,062.5 J less 5,000 J


def test_power_is_integrated_where_there_is_no_counter(nvml_standin):
    first, reason, second, _ = nvml_standin.run("p100", METER, "[0, 1, 2, 4]", "2")
    assert first is None
    assert reason
    assert second == pytest.approx(80 + 140 + 240)  # 40, 120, 160 W a second apart, 80 W after two


def test_without_a_gpu_the_reason_stands_in_place_of_a_figure(nvml_standin):
    first, why, second, still = nvml_standin.run("p100", METER, "[0, 1, 2]", "1", driver="none")
    assert (first, second) == (None, None)
    assert why
    assert why == still
