import numpy as np
import pytest
from scipy import stats

from bench.analyse.stats.samples import Interval, difference, mean_interval, proportion


def test_the_mean_has_students_interval():
    values = [0.81, 0.83, 0.80, 0.84]
    found = mean_interval(values)
    low, high = stats.t.interval(0.95, 3, np.mean(values), stats.sem(values))
    assert (found.value, found.low, found.high) == pytest.approx((np.mean(values), low, high))


def test_a_difference_has_welchs_interval():
    before, after = [0.81, 0.83, 0.80], [0.84, 0.90, 0.86, 0.85]
    found = difference(before, after)
    theirs = stats.ttest_ind(after, before, equal_var=False).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high))
    assert found.value == pytest.approx(np.mean(after) - np.mean(before))


def test_one_value_tells_nothing_of_the_spread():
    assert mean_interval([0.8]) is None
    assert mean_interval([]) is None
    assert difference([0.8], [0.7, 0.9]) is None
    assert difference([0.7, 0.9], []) is None
    assert proportion([2.0], [1.0, 1.1]) is None


def test_seeds_that_agree_by_chance_are_known_to_an_image_at_best():
    one_image = 1 / 270
    exact = difference([0.98, 0.98], [0.98 - one_image] * 2)
    assert exact.side == "below"
    assert difference([0.98, 0.98], [0.98 - one_image] * 2, one_image).side == "around"
    assert difference([0.98, 0.98], [0.90, 0.90], one_image).side == "below"
    assert mean_interval([0.98, 0.98], one_image).low < 0.98


def test_a_proportion_is_of_geometric_means():
    found = proportion([10.0, 10.4], [5.0, 5.2])
    assert found.value == pytest.approx(-0.5)
    assert found.low < -0.5 < found.high < 0
    assert proportion([0.0, 1.0], [1.0, 1.0]) is None


def test_sides():
    assert [Interval(0, *ends).side for ends in ((0.1, 0.2), (-0.2, -0.1), (-0.1, 0.1))] == ["above", "below", "around"]
