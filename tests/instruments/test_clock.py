from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from bench.instruments.clock import ClockPlan, StepClock

PLAN = ClockPlan(
    precision=0.02,
    max_seconds=10,
    min_windows=5,
    min_seconds=0.5,
    window_seconds=0.1,
    warmup_steps=2,
    warmup_seconds=0.2,
)


class Machine:
    """A machine whose steps take known times: dispatch returns at once, and the device works on until it is synced."""

    def __init__(self, step_seconds):
        self.time = 0.0  # the host's clock
        self.device = 0.0  # when the device will be done
        self.step_seconds = step_seconds
        self.events = []
        self.steps = 0

    def now(self):
        return self.time

    def sync(self):
        self.time = max(self.time, self.device)
        self.events.append("sync")

    def run(self, clock, execution=1):
        clock.begin()
        wanted = True
        while wanted:
            for _ in range(execution):
                self.device = max(self.time, self.device) + self.step_seconds(self.steps)
                self.steps += 1
            self.time += 1e-5 * execution  # dispatch
            wanted = clock.step(execution)
            assert self.steps < 100_000


def clock_for(machine, plan=PLAN, **arguments):
    return StepClock(plan, machine.sync, now=machine.now, **arguments)


def test_steady_steps_are_timed_exactly_though_dispatch_returns_at_once():
    machine = Machine(lambda i: 3.0 if i == 0 else 0.010)
    clock = clock_for(machine)
    machine.run(clock)
    assert clock.stages["first step"] == pytest.approx(3.0)
    steps, seconds = (sum(column) for column in zip(*clock.windows, strict=True))
    assert seconds / steps == pytest.approx(0.010, rel=1e-3)
    assert clock.stopped_by == "precision"
    assert len(clock.windows) == PLAN.min_windows


def test_no_fewer_windows_than_last_the_least_time():
    machine = Machine(lambda i: 0.010)
    clock = clock_for(machine, replace(PLAN, min_seconds=2.0))
    machine.run(clock)
    assert clock.stopped_by == "precision"
    assert 2.0 <= clock.stages["windows"] <= 2.2


def test_windows_leave_no_gap():
    machine = Machine(lambda i: 0.010 + (i % 7) * 1e-4)
    clock = clock_for(machine)
    machine.run(clock)
    assert sum(seconds for _, seconds in clock.windows) == pytest.approx(clock.stages["windows"])


def test_a_window_is_long_enough_and_holds_whole_executions():
    machine = Machine(lambda i: 0.004)
    clock = clock_for(machine)
    machine.run(clock, execution=10)
    assert all(steps % 10 == 0 and seconds >= PLAN.window_seconds for steps, seconds in clock.windows)


def test_slow_steps_get_a_window_each():
    machine = Machine(lambda i: 0.7)
    clock = clock_for(machine)
    machine.run(clock)
    assert {steps for steps, _ in clock.windows} == {1}


def test_noise_ends_by_budget_and_says_so():
    noise = np.random.default_rng(0)
    machine = Machine(lambda i: 0.010 * noise.lognormal(0, 1.5))
    clock = clock_for(machine)
    machine.run(clock)
    assert clock.stopped_by == "budget"
    assert 10 <= clock.stages["windows"] < 11.5


def test_warm_up_goes_on_while_steps_get_faster():
    machine = Machine(lambda i: 0.010 + 0.090 * max(0.0, 1 - i / 60))
    clock = clock_for(machine)
    machine.run(clock)
    assert clock.stages["warm-up"] > PLAN.warmup_seconds
    steps, seconds = (sum(column) for column in zip(*clock.windows, strict=True))
    assert seconds / steps < 0.02


def test_warm_up_ends_even_if_steps_get_faster_for_ever():
    machine = Machine(lambda i: 10 * 0.97**i + 1e-3)
    clock = clock_for(machine)
    machine.run(clock)
    assert clock.windows


def test_one_step_is_warm_up_enough_where_it_takes_very_long():
    machine = Machine(lambda i: 8.0)
    clock = clock_for(machine, replace(PLAN, warmup_steps=10))
    machine.run(clock)
    assert clock.stages["warm-up"] == pytest.approx(8.0)


def test_instruments_surround_the_windows_and_nothing_else():
    machine = Machine(lambda i: 0.010)

    @contextmanager
    def instrument():
        machine.events.append("on")
        yield
        machine.events.append("off")

    clock = clock_for(machine, instruments=[instrument()])
    machine.run(clock)
    on, off = machine.events.index("on"), machine.events.index("off")
    assert machine.events[on + 1 : off] == ["sync"] * len(clock.windows)
    assert "sync" in machine.events[:on]
    assert machine.events[off + 1 :] == []


def test_stages_and_windows_are_told_as_they_happen():
    heard = []
    machine = Machine(lambda i: 0.010)
    clock = clock_for(machine, heard=lambda stage, figure: heard.append((stage, figure)))
    machine.run(clock)
    assert [stage for stage, figure in heard[:3]] == ["first step", "warm-up", "windows"]
    last = heard[-1][1]
    assert last is not None
    assert last.windows == len(clock.windows)
