"""One cell, measured: the workload wired to the clock. Runs in the cell's own process."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.measure.clock import ClockPlan, StepClock
from bench.measure.memory import AllocatorPeak, peak_resident_bytes
from bench.measure.stats import Estimate
from bench.results.record import Accuracy, Epoch, Status
from bench.run.job import Job, Outcome, Progress
from bench.suite.spec import Protocol
from bench.workload import model as models
from bench.workload import pipeline, runtime, training
from bench.workload.data import Split, open_stored

__all__ = ["measure_cell"]


class Stages:
    """Seconds by stage, and a word to the parent as each begins."""

    def __init__(self, say: Callable[[Progress], None]) -> None:
        self.say, self.seconds, self.current = say, dict[str, float](), "start"

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        self.enter(name)
        began = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - began

    def enter(self, name: str) -> None:
        self.current = name
        self.say(Progress(name))


def measure_cell(job: Job, say: Callable[[Progress], None]) -> Outcome:
    """Measure `job`, telling `say` how it goes. Whatever goes wrong in the cell is an outcome, not an exception."""
    stages = Stages(say)
    try:
        return _measure(job, stages)
    except Exception as error:
        if job.log is None:
            raise
        import traceback

        traceback.print_exc()
        status: Status = "out_of_memory" if runtime.is_out_of_memory(error) else "failed"
        text = str(error).strip()
        kind = type(error).__name__
        message = f"{kind}: {text.splitlines()[0]}" if text else kind
        return Outcome(status, stages.current, message, stages=stages.seconds)


def _measure(job: Job, stages: Stages) -> Outcome:
    cell, options = job.cell, job.options
    stages.seconds["start"] = time.perf_counter() - job.asked
    with stages("data"):
        data = open_stored(job.data)
        runtime.configure(options, cell.seed)
        batches = pipeline.training_pipeline(data.train, options, cell.batch_size, cell.seed, job.scratch)
    with stages("model"):
        shape = (options.image_size, options.image_size, data.info.shape[2]) if options.image_size else data.info.shape
        folder = Path(cell.folder)
        model = models.compiled_model(cell.model, shape, data.info.classes, options, folder, data.train)

    def heard(stage: str, figure: Estimate | None) -> None:
        stages.current = stage
        if figure is None:
            stages.say(Progress(stage))
        else:
            stages.say(Progress(stage, figure.step_seconds, figure.margin))

    peak = AllocatorPeak(runtime.reset_peak, runtime.peak_allocated_bytes)
    clock = StepClock(_plan(cell.protocol), runtime.sync, [peak], heard)
    traces: list[int] = []

    def step(steps: int) -> bool:
        if not traces:
            traces.append(model.trace_log.traces)
        return clock.step(steps)

    undo = training.remember(model) if cell.train is not None else None
    fitted = training.train_steps(model, batches, clock.begin, step)
    stages.seconds |= clock.stages

    steps_seen, accuracy = fitted.steps, fitted.accuracy
    history: list[Epoch] = []
    kept: list[Any] = [fitted]  # alive until the process ends: see `Fitted`
    if cell.train is not None and undo is not None:
        with stages("training"):
            # how many steps the windows took depends on the machine; what is learnt must not
            undo()
            per_epoch = cell.train.steps_per_epoch or len(data.train.labels) // cell.batch_size

            def epoch_done(figures: dict[str, Any]) -> None:
                history.append(Epoch(**figures))
                stages.say(Progress("training", epoch=history[-1]))

            checked = _evaluation(data.held_out, job)
            kept.append(training.train_epochs(model, batches, checked, cell.train.epochs, per_epoch, epoch_done))
        steps_seen = cell.train.epochs * per_epoch
        accuracy = history[-1].accuracy

    held_out: float | None = None
    images = len(data.held_out.labels)
    if history:
        held_out = history[-1].val_accuracy
    else:
        images = min(images, cell.protocol.eval_images)
        if images:
            with stages("evaluation"):
                sample = Split(data.held_out.images[:images], data.held_out.labels[:images])
                checked = _evaluation(sample, job)
                held_out = training.evaluate(model, checked)[1] if checked is not None else None

    values, absent = _values(model, clock, fitted, traces[0], peak)
    return Outcome(
        status="ok",
        stage=stages.current,
        windows=tuple(clock.windows),
        stopped_by=clock.stopped_by,
        stages=stages.seconds,
        values=values,
        absent=absent,
        accuracy=Accuracy(
            train=accuracy,
            held_out=held_out,
            held_out_images=images if held_out is not None else 0,
            steps=steps_seen,
            synthetic=data.info.synthetic,
        ),
        history=tuple(history),
    )


def _plan(protocol: Protocol) -> ClockPlan:
    return ClockPlan(
        protocol.precision,
        protocol.max_seconds,
        protocol.min_windows,
        protocol.min_seconds,
        protocol.window_seconds,
        protocol.warmup_steps,
        protocol.warmup_seconds,
    )


def _evaluation(split: Split, job: Job) -> Any:
    return pipeline.evaluation_pipeline(split, job.options, job.cell.batch_size) if len(split.labels) else None


def _values(
    model: models.StepModel, clock: StepClock, fitted: training.Fitted, first_traces: int, peak: AllocatorPeak
) -> tuple[dict[str, float | None], dict[str, str]]:
    """What was read in the cell, by metric name, and why the rest is absent."""
    trainable, non_trainable = models.parameters(model)
    steady = sum(seconds for _, seconds in clock.windows) / sum(steps for steps, _ in clock.windows)
    execution = int(model.steps_per_execution)
    resident, resident_reason = peak_resident_bytes()
    values: dict[str, float | None] = {
        "first_step_seconds": clock.stages["first step"],
        "compile_seconds": max(0.0, clock.stages["first step"] - execution * steady),
        "trace_seconds": model.trace_log.seconds,
        "retraces": model.trace_log.traces - first_traces,
        "peak_gpu_allocator_bytes": peak.peak_bytes,
        "peak_resident_bytes": resident,
        "trainable_params": trainable,
        "non_trainable_params": non_trainable,
        "train_state_bytes": models.train_state_bytes(trainable, non_trainable),
        "macs_per_image": models.forward_macs(model),
        "steps": fitted.steps,
    }
    reasons = {"peak_gpu_allocator_bytes": peak.reason, "peak_resident_bytes": resident_reason}
    return values, {name: reason for name, reason in reasons.items() if reason is not None}
