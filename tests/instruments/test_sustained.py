"""What windows show of what a machine can do, by hand and with neighbours that take their share."""

import numpy as np
import pytest

from bench.instruments.sustained import sustained


def windows_of(rates, seconds=0.1):
    return [(rate * seconds, seconds) for rate in rates]


def test_it_is_the_fastest_eighth_and_two_at_least_by_hand():
    assert sustained(windows_of([90, 100, 80, 98, 70, *(12 * [60])])).rate == pytest.approx(96)
    found = sustained(windows_of([90, 100, 80, 98, 70, 60, 50, 40]))
    assert found.rate == pytest.approx(99)
    assert found.windows == 8
    assert 40 < found.low < 99 < found.high < 150


def test_rates_are_never_averaged():
    # the two fastest of five: 30 in 0.3 s and 5 in 0.1 s
    assert sustained([(30, 0.3), (5, 0.1), (4, 0.1), (4, 0.1), (4, 0.1)]).rate == pytest.approx(35 / 0.4)


def test_no_interval_without_two_windows():
    assert sustained([]) is None
    assert sustained([(5, 0.1)]) is None
    same = sustained(windows_of([7, 7, 7]))
    assert same.low == pytest.approx(7) == same.rate == same.high
    wild = sustained([(10, 0.1), (1, 1.0)])
    assert wild.low == 1 < wild.rate == 10 < wild.high


def test_the_same_windows_give_the_same_interval(rng):
    windows = windows_of(100 * rng.uniform(0.8, 1, 20))
    assert sustained(windows) == sustained(windows)


def test_neighbours_who_take_their_share_half_of_the_time_change_little(rng):
    """The machine does 100; in each of these minutes others slow it by up to a fifth, in spells."""

    def minute():
        busy = np.repeat(rng.random(10) < 0.5, 2)
        return sustained(windows_of(100 * rng.normal(1, 0.005, 20) * np.where(busy, rng.uniform(0.8, 1, 20), 1)))

    found = [minute() for _ in range(200)]
    rates = np.array([one.rate for one in found])
    assert abs(rates.mean() - 100) < 1.5
    ratios = rates[1:] / rates[:-1]
    assert np.mean(np.abs(ratios - 1) < 0.03) > 0.99
    # the mean of all windows would tell of the neighbours
    assert all(one.low <= one.rate <= one.high for one in found)


def independent(rng):
    return rng.normal(1, 0.03, 20)


def one_sided(rng):
    return 1 / (1 + 0.03 * rng.exponential(size=20))


def alike(rng, correlation=0.6):
    values = [rng.normal()]
    while len(values) < 20:
        values.append(correlation * values[-1] + np.sqrt(1 - correlation**2) * rng.normal())
    return 1 + 0.03 * np.array(values)


@pytest.mark.parametrize(("noise", "least"), [(independent, 0.92), (one_sided, 0.92), (alike, 0.81)])
def test_a_repetition_lies_in_the_interval(rng, noise, least):
    """As often as its words say, but for what 200 pairs can't tell."""
    inside = 0
    for _ in range(200):
        one, other = (sustained(windows_of(100 * noise(rng))) for _ in range(2))
        inside += one.low <= other.rate <= one.high
    assert least - 0.04 <= inside / 200 <= 0.995
