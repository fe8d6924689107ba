"""Predictions from a few proportional times: by hand, and what can't go wrong whatever is given."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.analyse.stats.proportional import LEVEL, Point, predict

TWICE = [Point(1.0, 2.0), Point(2.0, 4.0 * 1.1), Point(4.0, 8.0 / 1.1)]
POSITIVE = st.floats(1e-6, 1e6)
POINTS = st.lists(st.builds(Point, POSITIVE, POSITIVE, st.floats(0, 1e-4)), min_size=2, max_size=5)


def test_between_the_points_by_hand():
    found = predict(2.0, TWICE).value
    # constants 2, 2.2 and 2/1.1: their logarithms' mean is ln 2, their standard deviation ln 1.1
    half = 1.8856 * math.log(1.1) * math.sqrt(1 + 1 / 3)
    assert found.middle == pytest.approx(4.0)
    assert found.high == pytest.approx(4.0 * math.exp(half), rel=1e-4)
    assert found.low == pytest.approx(4.0 / math.exp(half), rel=1e-4)


def test_beyond_them_the_slope_counts_too():
    found = predict(8.0, TWICE).value
    # log x lies ln 2 beyond the last; its squared deviations add up to 2 (ln 2)²
    half = 1.8856 * math.log(1.1) * math.sqrt(1 + 1 / 3 + 1 / 2)
    assert found.high == pytest.approx(16.0 * math.exp(half), rel=1e-4)


def test_beyond_them_neither_end_goes_the_wrong_way():
    """Two points close together know no slope: what they say of others far off is bounded by what they are."""
    near = [Point(1.0, 1.0), Point(1.2, 1.5)]
    least, most = predict(1.0, near).value, predict(1.2, near).value
    below, above = predict(0.7, near).value, predict(1.7, near).value
    assert (below.high, above.low) == (pytest.approx(least.high), pytest.approx(most.low))
    assert below.low < least.low * 0.7
    assert above.high > most.high * 1.7 / 1.2


def test_other_times_add_to_what_is_known_of_the_scatter():
    quiet = [Point(x, 3 * x) for x in (1.0, 2.0, 4.0)]
    alone, pooled = predict(2.0, TWICE).value, predict(2.0, TWICE, [quiet]).value
    # half the variance, four degrees of freedom
    half = 1.5332 * math.log(1.1) / math.sqrt(2) * math.sqrt(1 + 1 / 3)
    assert pooled.middle == alone.middle
    assert pooled.high == pytest.approx(4.0 * math.exp(half), rel=1e-4)


def test_rounding_is_scatter_where_the_points_agree():
    exact = predict(1.5, [Point(1.0, 0.010), Point(2.0, 0.020)]).value
    assert exact.low == pytest.approx(exact.high)
    rounded = predict(1.5, [Point(1.0, 0.010, 0.0005), Point(2.0, 0.020, 0.0005)]).value
    deviation = math.sqrt((0.05**2 + 0.025**2) / 2 / 3)
    assert rounded.high / rounded.middle == pytest.approx(math.exp(3.0777 * deviation * math.sqrt(1.5)), rel=1e-3)


def test_one_point_says_nothing_of_others_nor_do_two_of_one_place_beyond_it():
    assert predict(1.0, [Point(1.0, 2.0)]).value is None
    alike = [Point(1.0, 2.0), Point(1.0, 2.2)]
    assert predict(1.0, alike).value is not None
    assert predict(2.0, alike).reason == "it is too unlike the references for these to say anything of it"


@given(POSITIVE, POINTS)
def test_it_is_a_band_or_a_reason(x, points):
    found = predict(x, points)
    if found.value is None:
        assert found.reason
    else:
        assert 0 <= found.value.low <= found.value.middle * (1 + 1e-9)
        assert found.value.middle <= found.value.high * (1 + 1e-9)
        assert not math.isnan(found.value.high)


@given(POSITIVE, st.floats(1.0, 100.0), POINTS)
def test_more_never_takes_less_beyond_the_points(x, factor, points):
    near, far = predict(x, points).value, predict(x * factor, points).value
    if near is None or far is None:
        return
    assert far.middle >= near.middle * (1 - 1e-9)
    if x >= max(one.x for one in points):
        assert far.low >= near.low * (1 - 1e-9) or far.low >= predict(max(p.x for p in points), points).value.low
    if x * factor <= min(one.x for one in points):
        assert near.high <= predict(min(p.x for p in points), points).value.high * (1 + 1e-9)


def test_the_level_is_what_it_says():
    """Of proportional times drawn at random, four of five lie in the band that three others give."""
    import numpy as np

    draw = np.random.default_rng(1)
    inside = 0
    for _ in range(400):
        times = np.exp(draw.normal(0, 0.2, 4))
        found = predict(2.0, [Point(x, x * t) for x, t in zip((1.0, 2.0, 4.0), times[:3], strict=True)]).value
        inside += found.low <= 2.0 * times[3] <= found.high
    assert inside / 400 == pytest.approx(LEVEL, abs=0.05)
