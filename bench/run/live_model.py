"""A live model's training on a live data set, measured here and now."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.errors import Fault, InputError
from bench.instruments.clock import ClockPlan, StepClock
from bench.instruments.stats import Estimate, estimate
from bench.run.frames import frames
from bench.support.exception_text import exception_text
from bench.workload import live, runtime, training
from bench.workload.training import Fitted

__all__ = ["Measurement", "measure_live"]

Heard = Callable[[str, Estimate | None], None]


@dataclass(frozen=True)
class Measurement:
    """The step time of a model's own `fit` on a data set.

    Attributes:
        name: The model's.
        windows: (steps, seconds) between two synchronisations of the device, unrounded.
        first_step_seconds: The first execution: tracing, compiling and filling the pipeline.
        retraces: How often the step was traced again after its first execution; 0 is as it should be.
        examples: Examples a step, or what else `unit` counts of them, their mean where the batch changes; None where
            elements have no batch dimension.
        unit: What is counted.
        loss: The running loss when it ended; None where the model tells of none.
        device: What it ran on.
        precision: The wanted half-width of the 95 % interval, as a share of the step time.
        settled: Was it reached, or did the time budget run out?
    """

    name: str
    windows: tuple[tuple[int, float], ...]
    first_step_seconds: float
    retraces: int
    examples: float | None
    unit: str
    loss: float | None
    device: str
    precision: float
    settled: bool

    @property
    def estimate(self) -> Estimate:
        """Seconds a step with their 95 % interval, `low` to `high`."""
        found = estimate(self.windows)
        assert found is not None
        return found

    @property
    def step_seconds(self) -> float:
        """Seconds a step takes."""
        return self.estimate.step_seconds

    @property
    def examples_per_second(self) -> float | None:
        """Examples a second, in this measurement's unit."""
        return None if self.examples is None else self.examples / self.step_seconds

    def frame(self) -> Any:
        """The windows as a pandas DataFrame: `steps`, `seconds` and `step_seconds`, units in its `attrs`."""
        frame = frames().DataFrame(self.windows, columns=["steps", "seconds"])
        frame["step_seconds"] = frame["seconds"] / frame["steps"]
        frame.attrs["units"] = {"seconds": "s", "step_seconds": "s"}
        return frame

    def rows(self) -> tuple[tuple[str, str], ...]:
        """What there is to show, a name and a value each."""
        one = self.estimate
        half = one.margin * one.step_seconds
        found = [("step time", f"{one.step_seconds * 1e3:.4g} ± {half * 1e3:.2g} ms")]
        if self.examples_per_second is not None:
            found.append((f"{self.unit} a second", f"{self.examples_per_second:,.4g}"))
        found.append(("first step", f"{self.first_step_seconds:.3g} s, not in the step time"))
        found.append(("device", self.device))
        if self.retraces:
            found.append(("traced again", f"{self.retraces} times: elements change their shape"))
        if self.loss is not None and not math.isfinite(self.loss):
            found.append(("loss", f"the loss became {self.loss}: it trains, but learns nothing"))
        if not self.settled:
            found.append(("precision", f"time budget ran out before ±{self.precision * 100:g} % precision"))
        return tuple(found)

    def __str__(self) -> str:
        width = max(len(name) for name, _ in self.rows())
        return "\n".join((self.name, *(f"  {name:<{width}}  {value}" for name, value in self.rows())))

    def _repr_html_(self) -> str:
        from html import escape

        rows = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in self.rows())
        return f"<table><caption>{escape(self.name)}</caption>{rows}</table>"


def measure_live(
    model: Any,
    dataset: Any,
    seconds: float,
    precision: float,
    unit: str,
    per_example: float = 1.0,
    heard: Heard = lambda _stage, _figure: None,
) -> Measurement:
    """Train `model` by its own `fit` on `dataset`, again and again, and time its steps from within; then give the model
    back as it was. See `bench.measure`.

    Raises InputError where the model isn't compiled, the data set has no batch, the two don't go together, or `seconds`
    or `precision` are out of range.
    """
    if not 0 < seconds < math.inf:
        raise InputError(Fault(f"seconds is {seconds}", "it must be above 0"))
    if not 0 < precision < 1:
        raise InputError(Fault(f"precision is {precision}", "it must be a share between 0 and 1: 0.02 for ±2 %"))
    subject = live.Live(model, dataset)
    plan = ClockPlan(
        precision=precision,
        max_seconds=seconds,
        min_windows=5,
        min_seconds=min(1.5, seconds / 2),
        window_seconds=0.1,
        warmup_steps=2,
        warmup_seconds=min(0.3, seconds / 10),
    )
    clock = StepClock(plan, runtime.sync, heard=heard)
    traces: list[int] = []

    def step(steps: int) -> bool:
        if not traces:
            traces.append(subject.log.traces)
        return clock.step(steps)

    try:
        with subject:
            fitted = training.train_steps(model, subject.dataset, clock.begin, step)
    except training.DataEnded as error:
        if error.steps:
            raise
        raise InputError(Fault("the data set has no batch", "it must give at least one")) from error
    except Exception as error:
        what = f"{model.name} can't be trained on elements of {subject.element}: {exception_text(error)}"
        raise InputError(Fault(what)) from error
    examples = subject.examples(fitted.steps)
    measured = Measurement(
        name=model.name,
        windows=tuple(clock.windows),
        first_step_seconds=clock.stages["first step"],
        retraces=subject.log.traces - traces[0],
        examples=None if examples is None else examples * per_example,
        unit=unit,
        loss=fitted.loss,
        device=runtime.device().name or "CPU",
        precision=precision,
        settled=clock.stopped_by == "precision",
    )
    # its iterator's tear-down can wait for tf.data's autotuning thread, as long as it ran
    threading.Thread(target=_let_go, args=([fitted],), daemon=True).start()
    return measured


def _let_go(held: list[Fitted]) -> None:
    held.clear()
