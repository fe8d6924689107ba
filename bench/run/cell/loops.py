"""What a cell's step is made of: its pipeline alone and its step alone, timed once the cell is measured."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bench.instruments.clock import ClockPlan, StepClock
from bench.instruments.stats import Estimate, estimate
from bench.results.record import Attribution, Window
from bench.run.job import Job
from bench.suite.spec import Protocol
from bench.workload import runtime
from bench.workload.loops import Drawing, Held, train_held
from bench.workload.model import StepModel

__all__ = ["attribution"]

_EXECUTION_SECONDS = 0.2
_MOST_STEPS = 64
_SLOW_STEP_SECONDS = 0.1  # Keras takes about 1 ms to dispatch a step: one per cent of this
_FILL_SECONDS = 1.0
_CACHE_SECONDS = 60.0
_WHOLE_PASS_SECONDS = 0.25
_DRAW_SECONDS = 0.02
_UNKNOWN_PASS = 10**9
"""Batches that no time is enough for."""


def attribution(
    job: Job,
    model: StepModel,
    dataset: Any,
    per_pass: int | None,
    heard: Callable[[str, Estimate | None], None],
    keep: Callable[[Any], None],
) -> Attribution:
    """Time the three loops of `Attribution`; `heard(loop, estimate)` is told of each one's beginning and windows.

    `dataset` is a fresh training pipeline of `job`'s cell, `per_pass` batches being a pass over its data; where that
    is None nobody knows, and its cache is full. `model` has been trained and is of no further use after it. `keep` is
    given what must stay alive until the process ends.

    Costs one tracing of the step for each of two loops, with XLA a compilation each, and some seconds of windows: 5 to
    10 s for a small network on two cores. Raises RuntimeError where a cache can't be filled in a minute.
    """

    def hear(loop: str) -> Callable[[str, Estimate | None], None]:
        return lambda _stage, figure: heard(loop, figure)

    plan = _plan(job.cell.protocol)
    drawing = Drawing(dataset)
    keep(drawing)
    pipeline = StepClock(plan, runtime.sync, heard=hear("pipeline"))
    filling = _draw(drawing, per_pass, job.options.cache != "none", pipeline)
    held = Held(drawing.batch(), model.trace_log.feed)

    def train(loop: str, execution: int) -> tuple[Window, ...]:
        clock = StepClock(plan, runtime.sync, heard=hear(loop))
        keep(train_held(model, held, execution, bool(job.options.xla), clock.begin, clock.step))
        return _windows(clock)

    own = int(job.options.steps_per_execution)
    step = train("step", own)
    execution = _execution(step)
    device = train("device", execution) if execution > own else ()
    return Attribution(
        pipeline=_windows(pipeline), step=step, device=device, execution=max(own, execution), filling=filling
    )


def _plan(protocol: Protocol) -> ClockPlan:
    """Less than the cell's own windows get: its shares want whole per cents and no more."""
    return ClockPlan(
        precision=max(0.02, protocol.precision),
        max_seconds=min(2.0, protocol.max_seconds),
        min_windows=min(5, protocol.min_windows),
        min_seconds=min(0.5, protocol.min_seconds),
        window_seconds=protocol.window_seconds,
        warmup_steps=protocol.warmup_steps,
        warmup_seconds=min(0.5, protocol.warmup_seconds),
    )


def _draw(drawing: Drawing, per_pass: int | None, cached: bool, clock: StepClock) -> Window | None:
    """Time `drawing`, its buffers filled: in whole passes over the data where these are short, for what happens once
    in each (shuffling anew, reopening files) belongs to its cost. Returns the pass that filled a cache."""
    clock.begin()
    cached = cached and per_pass is not None
    per_pass = per_pass or _UNKNOWN_PASS
    wanted = per_pass + 1 if cached else per_pass
    filling, batch_seconds = drawing.fill(wanted, _CACHE_SECONDS if cached else _FILL_SECONDS)
    if cached and 1 + filling.steps < wanted:
        raise RuntimeError(f"its cache was not full after {_CACHE_SECONDS:g} s: the pipeline alone can't be timed")
    whole = batch_seconds * per_pass <= _WHOLE_PASS_SECONDS
    batches = per_pass if whole else max(1, int(_DRAW_SECONDS / batch_seconds))
    drawing.draw(batches)
    while clock.step(batches):
        drawing.draw(batches)
    return filling if cached else None


def _execution(step: tuple[Window, ...]) -> int:
    """Steps an execution at which hardly any dispatch is left; 1 where dispatch doesn't matter anyway."""
    found = estimate(step)
    if found is None or found.step_seconds > _SLOW_STEP_SECONDS:
        return 1
    return min(_MOST_STEPS, max(2, round(_EXECUTION_SECONDS / found.step_seconds)))


def _windows(clock: StepClock) -> tuple[Window, ...]:
    return tuple(Window(*window) for window in clock.windows)
