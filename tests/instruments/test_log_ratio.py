import math

import numpy as np
import pytest

from bench.instruments.log_ratio import log_ratio


def windows(seconds, steps=5):
    return [(steps, steps * float(second)) for second in seconds]


def test_it_is_the_logarithm_of_a_over_b_by_the_step():
    a, b = windows([0.012] * 6, steps=3), windows([0.010] * 6, steps=11)
    assert log_ratio(a, b) == pytest.approx((math.log(1.2), 0), abs=1e-12)


def test_swapped_sides_give_the_inverse_with_the_same_error(rng):
    a, b = windows(0.01 * np.exp(0.1 * rng.standard_normal(9))), windows(0.01 * np.exp(0.1 * rng.standard_normal(9)))
    there, back = log_ratio(a, b), log_ratio(b, a)
    assert back == pytest.approx((-there[0], there[1]))


def test_drift_that_hits_both_cancels(rng):
    drift = np.linspace(1, 3, 12)
    logs = log_ratio(windows(0.0105 * drift), windows(0.01 * drift))
    assert logs == pytest.approx((math.log(1.05), 0), abs=1e-9)


def test_a_few_windows_out_of_all_proportion_change_little(rng):
    calm = 0.01 * np.exp(0.01 * rng.standard_normal(20))
    disturbed = calm.copy()
    disturbed[[3, 11]] *= 50
    plain, shaken = log_ratio(windows(calm), windows([0.01] * 20)), log_ratio(windows(disturbed), windows([0.01] * 20))
    assert shaken[0] == pytest.approx(plain[0], abs=0.01)
    assert shaken[1] < 3 * plain[1]


def test_windows_without_a_neighbour_are_left_out():
    assert log_ratio(windows([0.02, 0.02, 0.02, 9]), windows([0.01] * 3)) == pytest.approx((math.log(2), 0), abs=1e-12)


def test_one_pair_has_no_error_to_speak_of():
    assert log_ratio(windows([0.02]), windows([0.01])) == (pytest.approx(math.log(2)), math.inf)


@pytest.mark.parametrize("tails", ["normal", "t3"])
def test_the_error_is_as_large_as_what_repeated_measurements_scatter_by(rng, tails):
    draw = rng.standard_normal if tails == "normal" else lambda n: rng.standard_t(3, n)
    found = [log_ratio(windows(0.01 * np.exp(0.02 * draw(12))), windows([0.01] * 12)) for _ in range(1000)]
    scatter = np.std([log for log, _ in found])
    assert np.mean([error**2 for _, error in found]) ** 0.5 == pytest.approx(scatter, rel=0.2)


def test_more_pairs_narrow_it(rng):
    def error(pairs):
        noise = np.exp(0.05 * rng.standard_normal((50, pairs)))
        return np.mean([log_ratio(windows(0.01 * one), windows([0.01] * pairs))[1] for one in noise])

    assert error(40) == pytest.approx(error(10) / 2, rel=0.2)
