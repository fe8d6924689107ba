from dataclasses import replace

import pytest

from bench.analyse.selftest.ground_truth import REFERENCE, TOLERANCE, Known, check
from bench.results.record import Window

COST = 0.002


def known(step=0.1, data=0.0, prefetched=False, cost=COST, off=0.0, slow=0.0, name="a cell"):
    """A cell of these waits whose steps take `cost` longer than they are; measured with a relative error of `off`,
    give or take a tenth of a percent a window. Steps that are `slow` take so many seconds longer than they should."""
    period = (max(step, data) if prefetched else step + data) + cost + slow
    windows = tuple(Window(3, 3 * period * (1 + off) * factor) for factor in (0.999, 1.001) * 5)
    return Known(name, step, data, prefetched, period, windows)


def checked(cell, off=0.0, cost=COST):
    """The one cell, beside an empty one and the reference, measured by the same instrument."""
    empty = known(step=2e-6, data=1e-6, cost=0.001, off=off, name="empty")
    _, (found,) = check([empty, known(step=0.05, cost=cost, off=off, name=REFERENCE), cell])
    return found


CELLS = {
    "step": {},
    "data": {"step": 0, "data": 0.1},
    "both": {"step": 0.06, "data": 0.04},
    "longer step": {"step": 0.06, "data": 0.04, "prefetched": True},
}


@pytest.mark.parametrize(("cell", "waits"), [("step", 0.1), ("data", 0.1), ("both", 0.1), ("longer step", 0.06)])
def test_a_step_takes_its_waits_and_what_the_framework_costs(cell, waits):
    found = checked(known(**CELLS[cell]))
    assert found.waits == pytest.approx(waits)
    assert found.expected == pytest.approx(waits + COST)
    assert found.own == pytest.approx(waits + COST)
    assert found.error == pytest.approx(0, abs=1e-9)
    assert found.passed


@pytest.mark.parametrize(("cost", "error"), [(0, 0), (COST / 2, 0), (COST, 0), (0.006, 0.004 / 0.062)])
def test_the_steps_own_cost_may_pass_while_it_waits_for_a_prefetched_batch(cost, error):
    found = checked(known(0.04, 0.06, prefetched=True, cost=cost))
    assert found.error == pytest.approx(error, abs=1e-9)
    assert found.passed == (error == 0)


def test_an_empty_step_is_what_was_measured_of_it():
    empty, found = check([known(step=0, cost=0.0014, name="empty"), known(step=0.05, name=REFERENCE)])
    assert empty == pytest.approx(0.0014)
    assert found == ()


@pytest.mark.parametrize("off", [0.02, -0.02, 0.013, -0.013])
@pytest.mark.parametrize("cell", CELLS)
def test_an_instrument_that_is_off_is_found_out_though_the_reference_is_off_as_well(off, cell):
    found = checked(known(**CELLS[cell], off=off), off)
    assert found.clock_error == pytest.approx(off)
    assert not found.passed


@pytest.mark.parametrize("off", [0.009, -0.009])
def test_the_tolerance_is_one_percent(off):
    assert TOLERANCE == 0.01
    assert checked(known(off=off)).passed


@pytest.mark.parametrize("cell", CELLS)
def test_steps_that_take_longer_than_they_should_are_found_out_though_the_clock_is_right(cell):
    found = checked(known(**CELLS[cell], slow=0.004))
    assert found.clock_error == pytest.approx(0, abs=1e-9)
    assert found.error > 0.03
    assert not found.passed


def test_waits_that_should_overlap_and_do_not_are_found_out_though_the_clock_is_right():
    one_by_one = known(0.06, 0.04)
    assert not checked(replace(one_by_one, prefetched=True)).passed


def test_waits_that_should_add_up_and_overlap_are_found_out_though_the_clock_is_right():
    overlapping = known(0.06, 0.04, prefetched=True)
    assert not checked(replace(overlapping, prefetched=False)).passed


@pytest.mark.parametrize(("noise", "passed"), [(0.002, False), (0.01, True), (0.03, False)])
def test_noise_lets_its_margin_more_pass_unless_it_is_larger_than_the_tolerance(noise, passed):
    cell = known(slow=0.0013)
    windows = tuple(Window(3, 3 * cell.period * factor) for factor in (1 - noise, 1 + noise) * 5)
    found = checked(replace(cell, windows=windows))
    assert found.error == pytest.approx(0.0013 / 0.102, rel=0.01)
    assert found.passed == passed
