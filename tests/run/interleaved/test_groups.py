"""How long a group's processes are measured, with turns that take what they are said to."""

import math
import random
from types import SimpleNamespace

import numpy as np
import pytest

from bench.analyse.stats.spread import Spread
from bench.results.record import Window
from bench.run.interleaved import groups
from bench.run.interleaved.groups import GroupPlan

START = 2.0
SPREAD = Spread(0.02, freedom=20, measured=True)


class Live:
    """Turns of one window of ten steps, whose times differ by `noise`."""

    def __init__(self, rng, noise):
        self.rng, self.noise, self.length = rng, noise, 1
        self.windows, self.disturbances = [], {}

    @property
    def cycles(self):
        return len(self.windows)

    def turn_seconds(self, cycle):
        return self.windows[cycle].seconds

    def step_seconds(self, cycle):
        return self.windows[cycle].step_seconds

    def turn(self):
        self.windows.append(Window(10, 0.2 * math.exp(self.noise * self.rng.standard_normal())))


class Turns(SimpleNamespace):
    def cycle(self, order):
        for place in order:
            self.live[place].turn()


def group(noise, count=20):
    rng = np.random.default_rng(1)
    return Turns(live={place: Live(rng, noise) for place in range(count)}, ended={}, order=tuple(range(count)))


def plan(**changes):
    return GroupPlan(**{"run": "r", "round": 1, "group": 1, "seed": 1, "seconds": 1.2, "room": True} | changes)


def taken(noise, wanted, **changes):
    one = group(noise, **changes)
    groups._take_turns(one, wanted, random.Random(1))
    return one


@pytest.mark.parametrize("noise", [0.02, 0.1, 0.3])
def test_windows_are_worth_what_starts_and_variances_say(noise):
    found = groups._worth(taken(noise, plan(seconds=20.0, spread=SPREAD)), plan(spread=SPREAD), START)
    # a second has five turns
    assert found == pytest.approx(math.sqrt(START * noise**2 / 5) / SPREAD.share, rel=0.25)


@pytest.mark.parametrize(
    ("noise", "most", "disturbed", "cycles"),
    [
        (0.02, 5.0, {}, 6),
        (0.1, 5.0, {}, 15),
        (0.1, 2.0, {}, 10),
        (0.1, None, {}, 6),
        (0.1, 5.0, dict.fromkeys((1, 2, 3), "others were at work"), 6),
    ],
    ids=["quiet windows", "noisy ones", "for as long as may be", "not asked for", "others at work"],
)
def test_there_are_more_turns_where_they_are_worth_it(noise, most, disturbed, cycles):
    wanted = plan(most_seconds=most, spread=SPREAD)
    one = taken(noise, wanted)
    one.live[0].disturbances = disturbed
    groups._take_more_turns(one, wanted, START, random.Random(1))
    (found,) = {live.cycles for live in one.live.values()}
    assert found == pytest.approx(cycles, abs=2 if cycles == 15 else 0)


def test_where_all_have_died_there_are_no_turns():
    groups._take_more_turns(Turns(live={}, ended={}, order=()), plan(most_seconds=5.0), START, random.Random(1))


def test_a_process_alone_and_a_single_cycle_say_nothing_of_how_turns_vary():
    assert groups._worth(taken(0.1, plan(), count=1), plan(spread=SPREAD), START) == 0
    assert groups._worth(group(0.1), plan(spread=SPREAD), START) == 0
    assert groups._worth(Turns(live={}, ended={}), plan(spread=SPREAD), START) == 0


def test_cycles_that_were_disturbed_are_not_asked():
    one = taken(0.02, plan(spread=SPREAD))
    quiet = groups._worth(one, plan(spread=SPREAD), START)
    for live in one.live.values():
        for cycle in (1, 3):
            live.windows[cycle] = Window(10, live.windows[cycle].seconds * live.rng.uniform(1, 5))
    assert groups._worth(one, plan(spread=SPREAD), START) > 2 * quiet
    one.live[0].disturbances = dict.fromkeys((1, 3), "others were at work")
    assert groups._worth(one, plan(spread=SPREAD), START) == pytest.approx(quiet, rel=0.5)
