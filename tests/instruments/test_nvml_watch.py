"""The GPU's watch: figures computed by hand from the traces, four looks at given times."""

import pytest

from bench.instruments.nvml import GPU_METRICS, GpuWatch, reason_names

WATCH = """
import os, sys
from bench.instruments.nvml import GpuWatch
times = iter(json.loads(sys.argv[1]))
with GpuWatch(pid=os.getpid(), clock=lambda: next(times)) as watch:
    watch.begin()
    watch.sample()
    watch.sample()
    watch.end()
    result = [*watch.summary(), watch.notes()]
"""


def watched(nvml_standin, trace, times="[10, 10.5, 11, 11.5]", **more):
    values, reasons, notes = nvml_standin.run(trace, WATCH, times, **more)
    assert set(values) == set(GPU_METRICS)
    assert set(reasons) == {name for name, value in values.items() if value is None}
    assert all(reasons.values())
    return values, reasons, notes


def test_a_card_with_all_counters(nvml_standin):
    values, reasons, notes = watched(nvml_standin, "t4")
    assert values == {
        "peak_gpu_nvml_bytes": 14e9,
        "peak_gpu_process_bytes": None,
        "gpu_utilization": pytest.approx(0.9),  # 90, 100 and 80 %: the first reading is of before the interval
        "gpu_power_watts": pytest.approx(60.0),  # 30, 70, 70, 50 W half a second apart: 25 + 35 + 30 J in 1.5 s
        "gpu_energy_joules": pytest.approx(62.5),  # the counter's, not the 90 J of the power readings
        "gpu_sm_clock_hz": pytest.approx(1.5e9),
        "gpu_memory_clock_hz": pytest.approx(5e9),
        "gpu_temperature_celsius": 71.0,
        "gpu_throttle_reasons": 0x24,
        "foreign_gpu_processes": None,
        "foreign_gpu_memory_bytes": None,
    }
    assert reasons["foreign_gpu_processes"].startswith("NVML does not see the cell's process")
    assert reasons["peak_gpu_process_bytes"] == "NVML does not see the process (containers and WSL hide it)"
    assert notes == {}


def test_power_is_integrated_where_no_counter_is_and_that_is_said(nvml_standin):
    values, reasons, notes = watched(nvml_standin, "p100", "[0, 1, 2, 4]")
    assert values["gpu_energy_joules"] == pytest.approx(80 + 140 + 240)  # 40, 120, 160 W a second apart, 80 W after two
    assert values["gpu_power_watts"] == pytest.approx(460 / 4)
    assert values["peak_gpu_process_bytes"] == 15.3e9
    assert values["gpu_throttle_reasons"] == 0
    assert (values["foreign_gpu_processes"], values["foreign_gpu_memory_bytes"]) == (1, 1e6)
    assert reasons == {}
    assert notes == {
        "gpu_energy_joules": "integrated from 4 power readings, for want of a counter "
        "(NVML: not supported by this GPU or driver)"
    }


def test_a_counter_that_stands_still_is_no_counter(nvml_standin, tmp_path):
    trace = tmp_path / "still.ini"
    trace.write_text("[gpu 0]\npower_mw = 100000\nenergy_mj = 5000\n")
    values, _, notes = watched(nvml_standin, trace)
    assert values["gpu_energy_joules"] == pytest.approx(150.0)
    assert "stood still" in notes["gpu_energy_joules"]


def test_power_that_was_not_read_throughout_is_not_integrated(nvml_standin, tmp_path):
    trace = tmp_path / "gap.ini"
    trace.write_text("[gpu 0]\npower_mw = 100000 100000 100000 !999\n")
    values, reasons, _ = watched(nvml_standin, trace)
    assert values["gpu_energy_joules"] is None
    assert reasons["gpu_energy_joules"].endswith("power was not read throughout")
    assert values["gpu_power_watts"] == pytest.approx(100.0)
    trace.write_text("[gpu 0]\npower_mw = 100000 !999 300000 300000\n")  # a gap inside is bridged
    assert watched(nvml_standin, trace)[0]["gpu_energy_joules"] == pytest.approx(200 + 150)


@pytest.mark.parametrize(
    ("trace", "present"),
    [
        (
            "a100-mig",
            {"peak_gpu_nvml_bytes", "peak_gpu_process_bytes", "foreign_gpu_processes", "foreign_gpu_memory_bytes"},
        ),
        ("jetson", set()),
        (
            "wsl",
            {"peak_gpu_nvml_bytes", "gpu_utilization", "gpu_power_watts", "gpu_energy_joules", "gpu_sm_clock_hz"}
            | {"gpu_memory_clock_hz", "gpu_temperature_celsius"},
        ),
        ("rtx-2080-ti", set(GPU_METRICS)),
    ],
)
def test_what_is_not_there_is_never_a_number(nvml_standin, trace, present):
    values, reasons, _ = watched(nvml_standin, trace)
    assert {name for name, value in values.items() if value is not None} == present
    if trace == "a100-mig":
        assert values["peak_gpu_nvml_bytes"] == 4.3e9
        assert "MIG slice" in reasons["gpu_energy_joules"]
        assert reasons["gpu_power_watts"] == "NVML does not give it for a MIG slice"


def test_without_a_gpu_everything_is_absent_for_that_reason(nvml_standin):
    values, reasons, notes = watched(nvml_standin, "t4", driver="none")
    assert set(values.values()) == {None}
    assert set(reasons.values()) == {"no NVIDIA device (no driver library)"}
    assert notes == {}
    hidden = watched(nvml_standin, "t4", env={"CUDA_VISIBLE_DEVICES": ""})[1]
    assert set(hidden.values()) == {"CUDA_VISIBLE_DEVICES leaves no GPU visible"}


def test_the_cells_own_environment_says_which_gpu_is_watched(nvml_standin):
    code = """
    from bench.instruments.nvml import GpuWatch
    with GpuWatch(environ={"CUDA_VISIBLE_DEVICES": "1"}) as watch:
        watch.begin()
        watch.end()
        result = watch.summary()[0]["peak_gpu_nvml_bytes"]
    """
    assert nvml_standin.run("rtx-2080-ti", code) == 100_000_000


def test_only_the_interval_counts_and_a_second_one_replaces_the_first(nvml_standin):
    code = """
    from bench.instruments.nvml import GpuWatch
    with GpuWatch() as watch:
        live = watch.sample().memory_used_bytes.value
        before = watch.summary()
        watch.begin()
        watch.sample()
        open = watch.summary()
        watch.begin()
        watch.end()
        watch.sample()
        result = [live, before, open, watch.summary()]
    """
    live, before, open_, after = nvml_standin.run("t4", code)
    assert live == 1e9  # what was seen before the interval is shown, and not counted
    assert set(before[0].values()) == {None}
    assert set(before[1].values()) == {"the cell did not come to its windows"}
    assert open_[0]["peak_gpu_nvml_bytes"] == 14e9
    assert open_[1]["gpu_energy_joules"] == "the cell's windows did not end"
    assert after[0]["peak_gpu_nvml_bytes"] == 12e9


def test_a_watch_that_was_never_opened_says_so():
    values, reasons = GpuWatch().summary()
    assert set(values.values()) == {None}
    assert set(reasons.values()) == {"the GPU was not watched"}


def test_reasons_in_words():
    assert reason_names(0x1) == ()
    assert reason_names(0x4 | 0x40 | 0x1) == ("power cap", "hardware thermal slowdown")
    assert reason_names(float(0x80)) == ("power brake",)
    assert reason_names(0x1000) == ("reason 0x1000",)
