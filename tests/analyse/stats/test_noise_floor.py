import math

import numpy as np
import pytest

from bench.analyse.stats.noise_floor import between_processes, smallest_apart, smallest_in_turns
from bench.analyse.stats.spread import UNMEASURED
from bench.host.measured import Noise
from bench.host.profile import HostProfile
from bench.results.pair import Round
from bench.results.record import Window
from tests.pairs import make_rounds


def profile(**noise):
    fields = {"date": "2026-01-05", "in_turns": 0.01, "apart": 0.02, "rounds": 12}
    return HostProfile(id="here", label="Here", noise=Noise(**(fields | noise)))


UNKNOWN = HostProfile(id="here", label="Here")


def drifting(rounds, by):
    """The machine is `by` slower in every round than in the one before."""
    return scaled(rounds, [(1 + by) ** number for number in range(len(rounds))])


def scaled(rounds, factors):
    """All of a round takes its factor as long."""

    def longer(side, factor):
        return tuple(Window(steps, float(seconds * factor)) for steps, seconds in side)

    return [
        Round(a=longer(one.a, factor), b=longer(one.b, factor)) for one, factor in zip(rounds, factors, strict=True)
    ]


@pytest.mark.parametrize("between", [0.005, 0.02, 0.05])
def test_what_processes_differ_by_is_found(between):
    in_turns, apart = between_processes(make_rounds(count=300, between=between, noise=0.002))
    assert in_turns == pytest.approx(between, rel=0.15)
    assert apart == pytest.approx(between, rel=0.15)


def test_noise_within_windows_is_not_taken_for_a_difference_of_processes(rng):
    rounds = make_rounds(count=400, between=0.01, noise=0.05, windows=4)
    _, apart = between_processes(scaled(rounds, np.exp(0.03 * rng.standard_normal(400))))
    # hypot(0.01, 0.03), and 0.040 with what four windows' noise explains
    assert apart == pytest.approx(0.0316, rel=0.12)


def test_drift_hits_those_apart_and_spares_those_in_turns():
    calm = make_rounds(count=40, between=0.005, noise=0.002)
    before, after = between_processes(calm), between_processes(drifting(calm, 0.01))
    assert after[0] == pytest.approx(before[0], rel=0.01)
    assert after[1] > 10 * before[1]


def test_apart_is_never_less_than_in_turns():
    for seed in range(50):
        in_turns, apart = between_processes(make_rounds(count=3, between=0.001, noise=0.05, seed=seed))
        assert apart >= in_turns > 0


def test_equal_processes_differ_by_nothing():
    same = tuple(Window(5, 0.1) for _ in range(6))
    assert between_processes([Round(a=same, b=same)] * 3) == (0, 0)


def test_the_smallest_difference_grows_with_the_noise_and_falls_with_rounds():
    quiet, loud = profile(in_turns=0.005, apart=0.01), profile(in_turns=0.02, apart=0.04)
    assert 0.02 < smallest_apart(quiet, 0.02) < smallest_apart(loud, 0.02)
    assert smallest_apart(quiet, 0.005) < smallest_apart(quiet, 0.02)
    assert smallest_in_turns(quiet, 12) < smallest_in_turns(loud, 12)
    assert smallest_in_turns(quiet, 24) < smallest_in_turns(quiet, 6)


def test_the_smallest_difference_in_turns_is_half_the_interval_over_those_rounds():
    # Student's t of eleven degrees of freedom, and a round's two processes
    assert smallest_in_turns(profile(in_turns=0.01), 12) == pytest.approx(2.201 * 0.01 * math.sqrt(2 / 12), rel=0.02)


def test_a_host_that_was_not_tested_has_an_allowance_and_no_figure_in_turns():
    assert smallest_apart(UNKNOWN, 0.0) == pytest.approx(math.expm1(1.96 * UNMEASURED.share * math.sqrt(2)))
    assert smallest_in_turns(UNKNOWN, 12) is None


def test_differences_smaller_than_that_are_rarely_called_any_in_turns(rng):
    """The sentence holds: of differences as large, about half are seen; of none, few."""
    from bench.analyse.stats.interleaved import ratio_of_logs

    smallest, rounds = smallest_in_turns(profile(in_turns=0.01), 12), 12
    noise = 0.01 * math.sqrt(2) * rng.standard_normal((500, rounds))

    def seen(difference):
        shifted = noise + math.log1p(difference)
        return np.mean([ratio_of_logs(one).side != "not distinguishable" for one in shifted])

    assert seen(0) < 0.1
    assert 0.35 < seen(smallest) < 0.7
    assert seen(2 * smallest) > 0.9
