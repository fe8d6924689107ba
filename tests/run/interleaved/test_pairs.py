"""Two cells measured interleaved, as a pair: real ones, and when it is enough by simulation."""

import math

import numpy as np
import pytest

from bench.analyse.stats.interleaved import paired, ratio_of_logs, ratio_of_rounds
from bench.analyse.stats.ratio import Ratio
from bench.results.journal import Journal, pairs_path
from bench.results.pair import Pair, Round
from bench.results.record import Window
from bench.run.interleaved.option_pairs import OPTION_PLAN
from bench.run.interleaved.pairs import Cut, PairPlan, measure_pair
from bench.run.interleaved.turns import TurnsPlan
from bench.run.plan import fingerprints

FEW = TurnsPlan(min_turns=4, min_seconds=0, max_seconds=0)


def test_a_planted_slow_down_is_found(planted):
    ratio = paired(planted.pair)
    assert ratio.verdict == "slower"
    assert 0.02 / 0.05 * 0.9 < ratio.value < 0.7


def test_a_pair_says_what_was_measured(planted, ready):
    pair = planted.pair
    assert pair.ok
    assert (pair.suite, pair.purpose, pair.option, pair.host) == ("naps", "ab", None, ready.setting.host.id)
    assert [side.cell for side in (pair.a, pair.b)] == ["tiny/nap_20ms/b16", "tiny/nap_50ms/b16"]
    setting = ready.setting
    data = setting.info(ready.planned[0].cell)
    assert pair.a.fingerprint == fingerprints(ready.planned[0], data, setting.software)[0] != pair.b.fingerprint
    assert all(side.compile_seconds > 0 for side in (pair.a, pair.b))
    assert pair.data.synthetic


def test_a_pair_is_read_as_it_was_written(planted, tmp_path):
    journal = Journal(pairs_path(tmp_path, "here", "naps"), Pair)
    journal.append(planted.pair)
    assert journal.read().records == (planted.pair,)


def test_who_looks_on_is_told_of_every_round_and_stage(planted):
    first, *others = [word for word in planted.heard.rounds if isinstance(word, tuple)]
    assert [word for word in planted.heard.rounds if isinstance(word, int)] == [1, 2, 3]
    assert first == (1, None)
    assert [number for number, _ in others] == [2, 3]
    assert others[-1][1].within(planted.pair.same_within) == paired(planted.pair)
    assert ("tiny/nap_50ms/b16", "warm-up") in planted.heard.stages


def test_ctrl_c_keeps_the_whole_rounds_and_equal_cells_lie_nearer_than_planted_ones(ready, hears, planted):
    def cut(number, _ratio):
        raise KeyboardInterrupt

    hears.round_ends = cut
    same = ready.planned[0]
    with pytest.raises(Cut) as end:
        measure_pair(ready, same, same, PairPlan(turns=FEW), hears)
    (one,) = end.value.pair.rounds
    assert end.value.pair.ok
    assert end.value.pair.a.compile_seconds > 0
    assert "1 rounds" in str(paired(end.value.pair))
    assert abs(math.log(ratio_of_rounds([one, one]).value)) < abs(math.log(paired(planted.pair).value)) / 2


def test_a_cell_that_fails_is_a_pair_with_the_failure_and_a_log_that_stays(ready, hears):
    good, _, broken = ready.planned
    pair = measure_pair(ready, broken, good, PairPlan(turns=FEW), hears)
    assert (pair.status, pair.rounds, pair.failure.stage) == ("failed", (), "data")
    assert pair.failure.message.startswith("tiny/missing/b16: ")
    assert "no function 'missing'" in pair.failure.message
    assert "missing" in (ready.root / pair.failure.log).read_text()
    assert "missing" in str(paired(pair))


def test_a_cell_that_cannot_run_here_is_skipped_with_its_reason(ready, hears):
    good = ready.planned[0]
    other = type(good)(good.cell, good.options, "there is no such card here")
    pair = measure_pair(ready, good, other, PairPlan(turns=FEW), hears)
    assert (pair.status, pair.failure.stage, pair.rounds) == ("skipped", "plan", ())
    assert "there is no such card here" in pair.failure.message
    assert hears.rounds == []


def interval(half, value=1.0):
    return Ratio(value, value * (1 - half), value * (1 + half))


@pytest.mark.parametrize(
    ("rounds", "ratio", "enough"),
    [
        (0, None, False),
        (1, None, False),
        (5, interval(0.001), False),  # fewer than the fewest
        (6, interval(0.019), True),
        (6, interval(0.021), False),
        (6, interval(0.021, 0.999), False),  # whatever side of 1 it lies on
        (6, interval(0.09, 1.5), True),  # a fifth of a large difference
        (6, interval(0.11, 1.5), False),
        (12, interval(0.5), True),
    ],
)
def test_when_rounds_are_enough(rounds, ratio, enough):
    assert PairPlan().enough(rounds, ratio) is enough


def contaminated(rng, count):
    noise = rng.standard_normal(count)
    return np.where(rng.random(count) < 0.1, 5 * noise, noise)


NOISES = {
    "normal": lambda rng, count: rng.standard_normal(count),
    "t3": lambda rng, count: rng.standard_t(3, count),
    "contaminated": contaminated,
}


def verdict(logs, plan):
    """What is answered where a round of each of these logarithms of ratios is seen, one after the other."""
    count, ratio = 0, None
    while not plan.enough(count, ratio):
        count += 1
        ratio = ratio_of_logs(logs[:count]) if count > 1 else None
    return ratio.side


def most(share, trials):
    """How many of so many trials may come out so, where they do by `share`: four standard deviations more."""
    return trials * share + 4 * math.sqrt(trials * share * (1 - share))


@pytest.mark.parametrize("plan", [PairPlan(), OPTION_PLAN], ids=["ab", "option"])
@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("scale", [0.005, 0.02, 0.03, 0.05])
def test_equal_cells_are_called_unequal_by_five_in_a_hundred_at_most(rng, noise, scale, plan):
    trials = 1000
    false = sum(
        verdict(scale * NOISES[noise](rng, plan.max_rounds), plan) != "not distinguishable" for _ in range(trials)
    )
    assert false <= most(0.05, trials)


@pytest.mark.parametrize("noise", ["normal", "contaminated"])
@pytest.mark.parametrize("scale", [0.015, 0.02])
def test_a_true_slow_down_of_five_percent_is_found_by_95_of_100(rng, noise, scale):
    trials = 500
    draw = NOISES[noise]
    unit = np.std(draw(rng, 100_000))
    found = sum(verdict(scale / unit * draw(rng, 12) - math.log(1.05), PairPlan()) == "slower" for _ in range(trials))
    assert trials - found <= most(0.05, trials)


@pytest.mark.parametrize("planted", [False, True])
def test_the_same_from_windows_that_drift(rng, planted):
    """Windows with noise and bursts of their own, processes that differ by 1 %, and a machine that gets slower."""
    trials, answers = 100, []

    def side(drift, step):
        own = step * math.exp(0.01 * rng.standard_normal())
        bursts = np.where(rng.random(12) < 0.05, 2.0, 1.0)
        noise = np.exp(0.01 * rng.standard_normal(12))
        return tuple(Window(5, float(second)) for second in 5 * own * drift * bursts * noise)

    for _ in range(trials):
        rounds, ratio = [], None
        while not PairPlan().enough(len(rounds), ratio):
            drift = np.linspace(1, 1.1, 12) * (1 + 0.05 * len(rounds))
            rounds.append(Round(a=side(drift, 0.02), b=side(drift, 0.02 * (1.05 if planted else 1))))
            ratio = ratio_of_rounds(rounds) if len(rounds) > 1 else None
        answers.append(ratio.side)
    wrong = trials - answers.count("slower" if planted else "not distinguishable")
    assert wrong <= most(0.05, trials)
