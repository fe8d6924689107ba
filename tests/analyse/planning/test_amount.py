import math

import pytest

from bench.analyse.planning.amount import Amount, product, total, within_share
from bench.analyse.stats.samples import mean_interval


def test_independent_errors_are_joined_in_squares():
    found = total([Amount(10, 7, 14), Amount(20, 16, 23)])
    assert found == Amount(30, 25, 35)


def test_a_sum_of_which_one_part_may_be_off_by_anything_has_no_interval():
    assert total([Amount(10, 7, 14), Amount(20)]) == Amount(30)
    assert total([]) == Amount(0)


def test_a_product_joins_relative_errors():
    found = product(Amount(10, 7, 14), Amount(20, 12, 26))
    assert found == Amount(200, pytest.approx(200 * 0.5), pytest.approx(200 * 1.5))
    assert product(Amount(10, 9, 12), Amount(2)) == product(Amount(2), Amount(10, 9, 12)) == Amount(20, 18, 24)
    assert product(Amount(10), Amount(2)) == Amount(20)


def test_scaled_shifted_and_turned():
    one = Amount(4, 2, 8)
    assert one.times(2).plus(1) == Amount(9, 5, 17)
    assert one.inverse() == Amount(0.25, 0.125, 0.5)
    assert Amount(4).times(2).inverse() == Amount(0.125)
    assert Amount(4, 0, 8).inverse() == Amount(0.25, 0.125, None)


def test_a_share_either_way_and_a_mean():
    assert within_share(2.0, math.log(1.5)) == Amount(pytest.approx(2.0), pytest.approx(4 / 3), pytest.approx(3.0))
    mean = mean_interval([1.0, 2.0])  # whose interval goes below 0
    assert Amount.of(mean) == Amount(1.5, 0.0, mean.high)
