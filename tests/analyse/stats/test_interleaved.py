import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.analyse.stats.interleaved import paired, ratio_of_logs, ratio_of_rounds
from bench.analyse.stats.ratio import Ratio, Refusal
from bench.results.pair import Round
from bench.results.record import Failure, Window
from tests.pairs import make_pair, make_rounds
from tests.records import make_record

A = make_record(variant="notebook")
B = make_record(variant="xla", options={"xla": True})


@pytest.mark.parametrize(("b_ms", "verdict"), [(14.0, "faster"), (18.0, "slower"), (16.0, "same")])
def test_the_three_answers_are_of_b_beside_a(b_ms, verdict):
    found = paired(make_pair(A, B, a_ms=16.0, b_ms=b_ms))
    assert found.verdict == verdict
    assert found.low <= 16 / b_ms <= found.high


def test_swapped_sides_give_the_inverse():
    rounds = make_rounds(16, 15, count=7)
    there = ratio_of_rounds(rounds)
    back = ratio_of_rounds([Round(a=one.b, b=one.a) for one in rounds])
    assert (back.value, back.low, back.high) == pytest.approx((1 / there.value, 1 / there.high, 1 / there.low))


def test_other_batches_are_compared_by_images():
    twice = make_record(variant="xla", batch_size=256)
    found = paired(make_pair(A, twice, a_ms=16, b_ms=24))
    assert found.value == pytest.approx(256 / 128 * 16 / 24, rel=0.02)
    assert found.verdict == "faster"


def test_the_round_is_the_unit_and_not_the_window():
    few, many = (make_rounds(count=6, windows=windows, noise=0.0001, between=0.02) for windows in (4, 400))
    widths = [found.high - found.low for found in map(ratio_of_rounds, (few, many))]
    assert widths[1] > 0.3 * widths[0]  # ten times as many windows would narrow it tenfold


def test_drift_over_rounds_cancels():
    rounds = make_rounds(16, 15, between=0.001, noise=0.001)
    slowed = [
        Round(**{side: tuple(Window(w.steps, w.seconds * 1.2**n) for w in getattr(one, side)) for side in ("a", "b")})
        for n, one in enumerate(rounds)
    ]
    before, after = ratio_of_rounds(rounds), ratio_of_rounds(slowed)
    assert (after.low, after.high) == pytest.approx((before.low, before.high))


def test_the_interval_is_students_over_rounds_and_allows_for_stopping():
    found = ratio_of_logs([0.01, 0.02, 0.03])
    half = 4.303 * 0.01 / math.sqrt(3)
    assert math.log(found.value) == pytest.approx(0.02)
    assert math.log(found.high) - 0.02 == pytest.approx(0.02 - math.log(found.low))
    assert half <= math.log(found.high) - 0.02 < 1.3 * half


def holds(window, place=1):
    """Three rounds, one of whose sides holds this window."""
    rounds = list(make_rounds(count=3))
    one = rounds[place]
    rounds[place] = Round(a=one.a, b=(*one.b[:-1], window))
    return tuple(rounds)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"rounds": 2}, "2 rounds were measured, and fewer than 3"),
        ({"rounds": 0}, "0 rounds"),
        ({"rounds": holds(Window(5, 0.0))}, "a window of 0 s"),
        ({"rounds": holds(Window(0, 0.1))}, "a window of 0 steps"),
        ({"rounds": holds(Window(5, -0.1))}, "a window of -0.1 s"),
        ({"rounds": holds(Window(5, 1e300))}, "a window of 1e+300 s"),
        ({"rounds": (*make_rounds(count=3), Round(a=(), b=()))}, "a round of no windows"),
        (
            {"status": "crashed", "failure": Failure(stage="windows", message="killed by SIGKILL")},
            "killed by SIGKILL",
        ),
    ],
)
def test_what_cannot_be_answered_is_refused_with_the_reason(changes, says):
    found = paired(make_pair(A, B, **changes))
    assert isinstance(found, Refusal)
    assert says in str(found)


WINDOW = st.builds(
    Window,
    st.one_of(st.integers(1, 50), st.integers(-1, 10**15)),
    st.one_of(st.floats(0.001, 1), st.floats(allow_nan=False, allow_infinity=False)),
)
SIDE = st.lists(WINDOW, max_size=4).map(tuple)


@given(st.lists(st.builds(Round, a=SIDE, b=SIDE), max_size=5).map(tuple))
def test_whatever_is_stored_there_is_a_refusal_or_an_interval_of_numbers(rounds):
    found = paired(make_pair(A, B, rounds=rounds))
    if isinstance(found, Ratio):
        assert 0 <= found.low <= found.value * (1 + 1e-9)
        assert found.value <= found.high * (1 + 1e-9) < math.inf
    else:
        assert found.reasons
