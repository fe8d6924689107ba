from dataclasses import replace

import pytest

from bench.instruments.turns import TurnClock
from tests.instruments.test_clock import PLAN, Machine

SHORT, LONG = 0.004, 0.3


class Table:
    """Gives so many turns; between two of them the others have the machine for `away` seconds."""

    def __init__(self, machine, turns, away=5.0):
        self.machine, self.turns, self.away = machine, turns, away
        self.given, self.resumed = [], []

    def turn(self, windows):
        self.given.append(windows)
        self.machine.time += self.away
        self.resumed.append(self.machine.steps)
        return len(self.given) <= self.turns + 1


def play(step_seconds, turns=4, execution=1, plan=PLAN, **arguments):
    machine = Machine(step_seconds)
    table = Table(machine, turns)
    clock = TurnClock(plan, machine.sync, table.turn, now=machine.now, **arguments)
    machine.run(clock, execution)
    return clock, table


@pytest.mark.parametrize("step", [SHORT, LONG], ids=["short steps", "long steps"])
def test_it_waits_before_it_warms_up_and_for_every_turn_and_hands_over_every_window(step):
    clock, table = play(lambda _: step)
    assert table.given[:2] == [(), ()]
    assert [window for windows in table.given for window in windows] == clock.windows
    assert len(table.given) == 2 + table.turns
    assert list(clock.stages) == ["first step", "warm-up", "windows"]


@pytest.mark.parametrize("step", [SHORT, LONG], ids=["short steps", "long steps"])
def test_what_others_do_meanwhile_is_in_no_window(step):
    clock, table = play(lambda _: step)
    assert all(seconds / steps == pytest.approx(step, rel=0.01) for steps, seconds in clock.windows)
    assert all(seconds >= 0.99 * PLAN.window_seconds for _, seconds in clock.windows)
    assert sum(seconds for _, seconds in clock.windows) < table.away
    timed = sum(seconds for _, seconds in clock.windows)
    assert timed <= clock.stages["windows"] < 1.5 * timed  # what leads a turn in is of the stage too


def play_cold(step, execution=1):
    machine = Machine(lambda number: step * 10 if number in table.resumed else step)
    table = Table(machine, 4)
    clock = TurnClock(PLAN, machine.sync, table.turn, now=machine.now)
    machine.run(clock, execution)
    return [seconds / steps for steps, seconds in clock.windows]


@pytest.mark.parametrize("execution", [1, 8])
def test_the_first_execution_of_a_turn_finds_cold_caches_and_is_not_timed(execution):
    times = play_cold(SHORT, execution)
    assert times == pytest.approx([SHORT] * len(times), rel=0.01)
    assert len(times) in (8, 12)


def test_an_execution_as_long_as_a_window_is_not_spent_on_that():
    clock, table = play(lambda _: LONG)
    assert [steps for steps, _ in clock.windows] == [1] * 4
    assert [later - earlier for earlier, later in zip(table.resumed[1:], table.resumed[2:], strict=False)] == [1] * 4


def test_windows_hold_whole_executions():
    clock, _ = play(lambda _: SHORT, execution=16)
    assert {steps for steps, _ in clock.windows} == {32}


def test_steps_that_become_short_are_led_into_from_then_on():
    clock, table = play(lambda number: LONG if number < 20 else SHORT, turns=40)
    taken = [later - earlier for earlier, later in zip(table.resumed, table.resumed[1:], strict=False)]
    assert taken[1] == 1
    assert taken[-1] == clock.windows[-1][0] + 1


def test_neither_precision_nor_a_budget_ends_it():
    clock, _ = play(lambda _: SHORT, turns=60, plan=replace(PLAN, precision=0.5, max_seconds=0.1, min_seconds=0))
    assert len(clock.windows) == 180
    assert clock.stopped_by is None


def test_it_warms_up_as_a_clock_does_and_says_so():
    words = []
    clock, _ = play(lambda number: 1.0 if number == 0 else SHORT, heard=lambda stage, _: words.append(stage))
    assert words == ["first step", "warm-up", "windows"]
    assert clock.stages["first step"] >= 1.0
    assert clock.stages["warm-up"] >= PLAN.warmup_seconds
