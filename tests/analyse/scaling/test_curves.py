"""Scaling of a known answer: steps whose shared and unshared parts are known."""

import pytest

from bench.analyse.scaling.curves import scaling_curves
from bench.analyse.scaling.fits import fit
from bench.analyse.speedup.standings import Standings
from bench.analyse.stats.ratio import Ratio, Refusal
from tests.records import make_failed, make_record, make_replication

ALONE, UNSHARED = 400.0, 30.0
"""Milliseconds of a step on one device; and of what more devices don't make shorter, all-reduce among it."""


def strong(devices, **changes):
    step = UNSHARED + (ALONE - UNSHARED) / devices
    return shared(devices, step, "strong", "global", **changes)


def weak(devices, **changes):
    return shared(devices, ALONE + UNSHARED * (devices - 1) / devices, "weak", "per_replica", **changes)


def shared(devices, step_ms, name, batch, **changes):
    options = {"devices": devices, "strategy": "mirrored", "batch": batch} | changes.pop("options", {})
    told = make_replication(devices)
    return make_record(
        variant=f"{name}-{devices}", step_ms=step_ms, noise=0.001, options=options, replication=told, **changes
    )


ONE = make_record(step_ms=ALONE, noise=0.001)


def curves(*records):
    return {curve.kind: curve for curve in scaling_curves(records, Standings(records, {}))}


def test_efficiency_is_known_within_one_per_cent():
    found = curves(ONE, strong(2), strong(4), weak(2), weak(4))
    efficiencies = [point.efficiency.value for point in found["strong"].points]
    assert efficiencies == pytest.approx([400 / (2 * 215), 400 / (4 * 122.5)], rel=0.01)
    assert [point.efficiency.value for point in found["weak"].points] == pytest.approx(
        [400 / 415, 400 / 422.5], rel=0.01
    )
    for curve in found.values():
        for point in curve.points:
            assert point.efficiency.low < point.efficiency.value < point.efficiency.high
            assert point.efficiency.value == pytest.approx(point.speedup.value / point.devices)


def test_a_step_that_takes_a_batch_of_each_device_is_no_slower_than_it_is():
    (standing,) = Standings((ONE, weak(4)), {}).to_baselines().values()
    assert standing.ratio.value == pytest.approx(4 * 400 / 422.5, rel=0.01)  # examples a second
    assert standing.verdict == "faster"


def test_amdahls_share_is_found_and_where_twice_as_many_gain_little():
    found = curves(ONE, *map(strong, (2, 4, 8)))["strong"].fit
    assert found.law == "Amdahl"
    assert found.serial.value == pytest.approx(UNSHARED / ALONE, abs=0.005)
    assert found.serial.low < UNSHARED / ALONE < found.serial.high
    assert found.speedup(8) == pytest.approx(400 / (30 + 370 / 8), rel=0.02)
    end = found.pays_below(0.1)
    assert end.low < end.value < end.high
    serial = found.serial.value
    gain = [1 / (serial + (1 - serial) / devices) for devices in (end.value, 2 * end.value)]
    assert gain[1] / gain[0] == pytest.approx(1.1)


def test_gustafsons_share_is_found():
    exact = [(devices, Ratio(s := 0.1 + 0.9 * devices, s * 0.99, s * 1.01)) for devices in (2, 4, 8)]
    found = fit("weak", exact)
    assert (found.law, found.serial.value) == ("Gustafson", pytest.approx(0.1))
    assert found.serial.low < 0.1 < found.serial.high
    assert found.pays_below(0.1) is None
    assert found.speedup(16) == pytest.approx(0.1 + 0.9 * 16)


def test_points_off_the_line_widen_the_interval():
    on = [(devices, Ratio(s := 1 / (0.1 + 0.9 / devices), s * 0.999, s * 1.001)) for devices in (2, 4, 8)]
    off = [(devices, Ratio(one.value * factor, one.low * factor, one.high * factor))
           for (devices, one), factor in zip(on, (1.1, 0.9, 1.1), strict=True)]  # fmt: skip
    widths = [(one := fit("strong", points).serial).high - one.low for points in (on, off)]
    assert widths[1] > 10 * widths[0]


def test_devices_pay_as_far_as_each_step_to_more_was_surely_faster():
    assert curves(ONE, *map(strong, (2, 4, 8)))["strong"].last_that_pays.devices == 8
    slow = shared(8, 122.0, "strong", "global")
    assert curves(ONE, strong(2), strong(4), slow)["strong"].last_that_pays.devices == 4
    assert curves(ONE, shared(2, 399.0, "strong", "global"))["strong"].last_that_pays is None


def test_what_has_nothing_to_be_compared_with_says_why():
    alone = curves(strong(2))["strong"]
    assert isinstance(alone.points[0].speedup, Refusal)
    assert "no cell trains the same on one device" in str(alone.points[0].efficiency)
    assert alone.fit is None
    other = make_record(variant="uint8", step_ms=ALONE, options={"pixels": "uint8"}, baseline=True)
    assert isinstance(curves(other, strong(2))["strong"].points[0].speedup, Refusal)  # another pipeline
    options = {"devices": 8, "strategy": "mirrored"}
    gone = make_failed(status="skipped", message="it wants 8 GPUs", variant="strong-8", options=options)
    (point,) = curves(ONE, gone)["strong"].points
    assert str(point.speedup) == "it wants 8 GPUs"
    assert curves(ONE) == {}
