"""Arithmetic, energy and money by hand, on cards that tell all, some and nothing."""

import math

import pytest

from bench.analyse.efficiency import efficiency
from bench.host.hardware import Hardware
from bench.host.measured import Peak
from bench.host.profile import HostProfile, Price
from bench.results.record import Window
from tests.records import T4, changed, make_failed, make_gpu_values, make_record

WATCH = """
import sys
from bench.instruments.nvml import GpuWatch
times = iter(json.loads(sys.argv[1]))
with GpuWatch(clock=lambda: next(times)) as watch:
    watch.begin()
    watch.sample()
    watch.sample()
    watch.end()
    result = [*watch.summary(), watch.notes()]
"""
WINDOWS = (Window(10, 0.5), Window(10, 0.5))


def host(gpu_name="Tesla T4", **changes):
    kind = "gpu" if gpu_name else "cpu"
    hardware = Hardware(kind=kind, gpu_name=gpu_name, cpu="Xeon", cores=2, memory_bytes=2**33, system="linux")
    return HostProfile(id="box", label="Box", hardware=hardware, **changes)


def on_gpu(**changes):
    values = make_gpu_values(**changes.pop("values", {}))
    return make_record(**{"device": T4, "values": values, "windows": WINDOWS, "absent": {}} | changes)


def test_flops_and_mfu_by_hand():
    found = efficiency(on_gpu(values={"training_macs_per_image": 20e6}), host())
    assert found.flops_per_image.value == 40e6
    assert found.achieved_flops_per_second.value == pytest.approx(40e6 * 128 / 0.05)
    assert found.mfu.value == pytest.approx(40e6 * 128 / 0.05 / 8.1e12)
    assert found.roof.value.origin == "datasheet: NVIDIA T4 datasheet"
    half = efficiency(on_gpu(values={"training_macs_per_image": 20e6}, options={"precision": "mixed_float16"}), host())
    assert half.mfu.value == pytest.approx(40e6 * 128 / 0.05 / 65e12)


def test_the_measured_peak_is_the_roof():
    peak = Peak(flops_per_second=2e11, low=1.9e11, high=2.1e11, date="2026-01-05")
    record = make_record(windows=WINDOWS)
    found = efficiency(record, host(None, peaks={"float32": peak}))
    assert found.mfu.value == pytest.approx(6 * 6.6e6 * 128 / 0.05 / 2e11)
    assert found.roof.value.origin == "measured 2026-01-05"
    unknown = efficiency(record, host(None))
    assert unknown.achieved_flops_per_second.value is not None
    assert unknown.mfu.value is None
    assert "bench calibrate" in unknown.mfu.reason


def test_an_older_record_counts_three_times_forward_where_all_was_trained():
    record = on_gpu(values={"training_macs_per_image": None})
    assert efficiency(record, host()).flops_per_image.value == 6 * 6.6e6
    frozen = changed(record, ("model", "freeze"), 0.5)
    assert "partly frozen" in efficiency(frozen, host()).flops_per_image.reason
    own = changed(record, ("model", "network"), "mine:build")
    assert efficiency(own, host()).flops_per_image.value == 6 * 6.6e6
    fixed = {"values": record.values | {"non_trainable_params": 7}}
    assert efficiency(own.model_copy(update=fixed), host()).flops_per_image.value is None


def test_work_that_could_not_be_told_stays_absent_with_its_reason():
    why = "multiply-adds of layer moving (ConvLSTM2D) can't be determined"
    names = ("macs_per_image", "training_macs_per_image")
    found = efficiency(on_gpu(values=dict.fromkeys(names), absent=dict.fromkeys(names, why)), host())
    assert found.flops_per_image.reason == found.achieved_flops_per_second.reason == found.mfu.reason == why


def measured(nvml_standin, trace, times="[10, 10.5, 11, 11.5]"):
    values, absent, notes = nvml_standin.run(trace, WATCH, times)
    return on_gpu(values=values, absent=absent, notes=notes)


def test_energy_from_the_counter_of_a_t4(nvml_standin):
    found = efficiency(measured(nvml_standin, "t4"), host())
    assert found.energy_per_step_joules.value == pytest.approx(62.5 / 20)
    assert found.images_per_joule.value == pytest.approx(128 * 20 / 62.5)
    assert found.energy_note is None


def test_energy_from_the_power_of_a_p100(nvml_standin):
    found = efficiency(measured(nvml_standin, "p100", "[0, 1, 2, 4]"), host("Tesla P100-PCIE-16GB"))
    assert found.energy_per_step_joules.value == pytest.approx((80 + 140 + 240) / 20)
    assert found.energy_note.startswith("integrated from 4 power readings")


def test_a_slice_has_no_energy_and_says_so(nvml_standin):
    found = efficiency(measured(nvml_standin, "a100-mig"), host("NVIDIA A100-SXM4-40GB MIG 1g.5gb"))
    for reading in (found.energy_per_step_joules, found.images_per_joule, found.energy_above_idle_joules):
        assert reading.value is None
        assert "MIG slice" in reading.reason


def test_energy_is_never_zero():
    found = efficiency(on_gpu(values={"gpu_energy_joules": 0.0}), host())
    assert found.energy_per_step_joules.value is None
    assert found.images_per_joule.reason == "the GPU's energy was read as 0"


def test_idle_power_stands_apart():
    found = efficiency(on_gpu(values={"gpu_energy_joules": 60.0, "gpu_idle_watts": 20.0}), host())
    assert found.idle_watts.value == 20.0
    assert found.energy_per_step_joules.value == pytest.approx(3.0)
    assert found.energy_above_idle_joules.value == pytest.approx(3.0 - 20 * 0.05)
    without = on_gpu(values={"gpu_idle_watts": None}, absent={"gpu_idle_watts": "another process was on the GPU"})
    assert efficiency(without, host()).energy_above_idle_joules.reason == "another process was on the GPU"
    hot = efficiency(on_gpu(values={"gpu_energy_joules": 10.0, "gpu_idle_watts": 20.0}), host())
    assert "no more than before" in hot.energy_above_idle_joules.reason


def test_cost_by_hand():
    found = efficiency(on_gpu(), host(price=Price(per_hour=0.36, currency="EUR")))
    assert found.cost_per_million_images.value == pytest.approx(0.36 / 3600 * 0.05 / 128 * 1e6)
    assert found.currency == "EUR"
    assert "no price in hosts/" in efficiency(on_gpu(), host()).cost_per_million_images.reason


@pytest.mark.parametrize("record", [make_failed(message="boom"), make_record(windows=()), make_record(values={})])
def test_a_record_without_figures_has_reasons_and_no_numbers(record):
    found = efficiency(record, None)
    readings = [value for value in vars(found).values() if hasattr(value, "reason")]
    assert all(one.reason for one in readings if one.value is None)
    assert all(math.isfinite(one.value) for one in readings if isinstance(one.value, float))
    assert found.mfu.value is None
