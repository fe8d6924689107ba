"""What windows show of what a machine can do, by hand and with neighbours that take their share."""

import numpy as np
import pytest

from bench.measure.sustained import sustained


def windows_of(rates, seconds=0.1):
    return [(rate * seconds, seconds) for rate in rates]


def test_it_is_the_fastest_eighth_and_two_at_least_by_hand():
    assert sustained(windows_of([90, 100, 80, 98, 70, *(12 * [60])])).rate == pytest.approx(96)
    found = sustained(windows_of([90, 100, 80, 98, 70, 60, 50, 40]))
    assert found.rate == pytest.approx(99)
    assert found.windows == 8
    assert 70 < found.low < 99 < found.high < 130


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


def test_the_interval_says_what_a_repetition_gives(rng):
    """Of windows that differ by 3 %, another twenty lie within the interval about as often as two such may."""
    inside = 0
    for _ in range(300):
        a, b = (sustained(windows_of(100 * rng.normal(1, 0.03, 20))) for _ in range(2))
        inside += abs(a.rate - b.rate) <= np.hypot(a.high - a.low, b.high - b.low) / 2
    assert 0.88 <= inside / 300 <= 0.995
