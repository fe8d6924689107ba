"""How often a verdict in turns is false, and how often a true 5 % is found, on rounds that this machine really ran.

The rounds are those of the newest self-test's cell against itself (`bench selftest --rounds 40` gives a fair number).
A trial draws rounds anew and stops as `bench ab` does; a round's sides change places at random, being alike.
"""

import math
from pathlib import Path

import numpy as np
import pytest

from bench.analyse.stats.interleaved import ratio_of_logs
from bench.instruments.log_ratio import log_ratio
from bench.results.query import read_pairs
from bench.run.interleaved.pairs import PairPlan

ROOT = Path(__file__).resolve().parents[2]
FEWEST = 10


@pytest.fixture(scope="module")
def logs():
    pairs = [pair for pair in read_pairs(ROOT).records if pair.purpose == "noise" and pair.ok]
    if not pairs or len(pairs[-1].rounds) < FEWEST:
        pytest.skip(f"no self-test of {FEWEST} rounds or more is stored here: run `bench selftest`")
    return np.array([log_ratio(one.a, one.b)[0] for one in pairs[-1].rounds])


def verdicts(logs, trials, slowdown, seed):
    plan, generator, found, rounds = PairPlan(), np.random.default_rng(seed), [], []
    for _ in range(trials):
        drawn = generator.choice(logs, plan.max_rounds) * generator.choice([-1, 1], plan.max_rounds)
        drawn = drawn - math.log1p(slowdown)
        count = next(n for n in range(2, plan.max_rounds + 1) if plan.enough(n, ratio_of_logs(drawn[:n])))
        found.append(ratio_of_logs(drawn[:count]).verdict)
        rounds.append(count)
    return found, float(np.mean(rounds))


def test_equal_cells_are_seldom_told_apart(benchmark, found, logs):
    told, rounds = benchmark.pedantic(verdicts, (logs, 200, 0.0, 1), rounds=1)
    false = sum(verdict != "not distinguishable" for verdict in told) / len(told)
    found(f"{false:.1%} false verdicts, {rounds:.1f} rounds a trial, drawn from {len(logs)}", false=false)
    assert false <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / len(told))


def test_five_percent_is_found(benchmark, found, logs):
    told, rounds = benchmark.pedantic(verdicts, (logs, 100, 0.05, 2), rounds=1)
    power = told.count("slower") / len(told)
    found(f"5 % found in {power:.0%} of trials, {rounds:.1f} rounds a trial", power=power)
    assert power >= 0.95
