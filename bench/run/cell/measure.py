"""One cell, measured: the workload wired to the clock. Runs in the cell's own process."""

from __future__ import annotations

import math
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from bench.errors import Fault, InputError
from bench.instruments.clock import ClockPlan, StepClock
from bench.instruments.memory import AllocatorPeak, peak_resident_bytes
from bench.instruments.stats import Estimate
from bench.instruments.turns import TurnClock
from bench.results.architecture import Architecture
from bench.results.record import Accuracy, Attribution, Epoch, Judged, Status, Training
from bench.results.replication import Replication
from bench.results.window_stats import impossible, step_seconds
from bench.run.cell.all_reduce import all_reduce
from bench.run.cell.judging import judged_by_its_own
from bench.run.cell.loops import attribution
from bench.run.cell.train import train_cell
from bench.run.job import Job, Outcome, Progress
from bench.suite.names import is_import_path
from bench.suite.replication import global_batch_size
from bench.suite.spec import Protocol
from bench.support.exception_text import exception_text
from bench.workload import effective_execution as ran
from bench.workload import model as models
from bench.workload import replication, runtime, training
from bench.workload import shared_step as shared
from bench.workload.architecture import told
from bench.workload.cell_data import Part, open_data
from bench.workload.networks import network_of

__all__ = ["measure_cell"]

_KEPT: list[Any] = []
"""Alive until the process ends: see `bench.workload.training.Fitted`."""


_JUDGED: tuple[Part, ...] = ("train", "held_out")
_FIRST = ("first_step_seconds", "compile_seconds", "trace_seconds")
"""What is known of a cell's first step."""

Turn = Callable[[tuple[tuple[int, float], ...]], bool]


def measure_cell(job: Job, say: Callable[[Progress], None], turn: Turn | None = None) -> Outcome:
    """Measure `job`, telling `say` how it goes. Whatever goes wrong in the cell is an outcome, not an exception.

    An outcome that isn't ok still holds what was measured before. Without a log to write to, exceptions pass through.
    With `turn` it is timed in turns, and not trained beyond that: see `bench.instruments.turns`.
    """
    size = global_batch_size(job.cell.batch_size, job.options)
    # from here on a batch is that of the step, whatever the suite's batch size is of
    job = replace(job, cell=job.cell.model_copy(update={"batch_size": size}))
    measurement = _Measurement(job, say, turn)
    try:
        measurement.run()
    except Exception as error:
        if job.log is None:
            raise
        traceback.print_exc()
        return measurement.outcome("out_of_memory" if runtime.is_out_of_memory(error) else "failed", _why(error))
    return measurement.outcome("ok")


def _why(error: Exception) -> str:
    """The error in one line; the log holds the rest."""
    return str(error.faults[0]) if isinstance(error, InputError) else exception_text(error)


class _Measurement:
    """One cell on its way: each step of `run` adds to what the outcome will hold."""

    def __init__(self, job: Job, say: Callable[[Progress], None], turn: Turn | None) -> None:
        self.job, self.say, self.in_turns = job, say, turn is not None
        self.stage = "start"
        self.stages = {"start": time.perf_counter() - job.asked}
        self.values: dict[str, float | None] = {}
        self.absent: dict[str, str] = {}
        self.notes = (
            dict.fromkeys(_FIRST, "other processes took their first step at the same time") if job.beside else {}
        )
        self.history: list[Epoch] = []
        self.accuracy: Accuracy | None = None
        self.judged: Judged | None = None
        self.training: Training | None = None
        self.attribution: Attribution | None = None
        self.network: Architecture | None = None
        self.replication: Replication | None = None
        self.peak = AllocatorPeak(runtime.reset_peak, runtime.peak_allocated_bytes)
        plan = _plan(job.cell.protocol)
        self.clock = (
            StepClock(plan, runtime.sync, [self.peak], self._clock_says)
            if turn is None
            else TurnClock(plan, runtime.sync, turn, self._clock_says)
        )

    def run(self) -> None:
        """Everything, in order."""
        with ExitStack() as stack:
            self._prepare(stack)
            self._measure()

    def _measure(self) -> None:
        trains = self.job.cell.train is not None and not self.in_turns
        undo = training.remember(self.model) if trains else None
        self._time()
        if not self.job.whole:
            return
        if undo is not None:
            # how many steps the windows took depends on the machine; what is learnt must not
            undo()
            self._train()
        else:
            self._evaluate()
        if self.job.cell.attribute:
            self._attribute()

    def outcome(self, status: Status, message: str | None = None) -> Outcome:
        """What there is by now."""
        return Outcome(
            status,
            self.stage,
            message,
            windows=tuple(self.clock.windows),
            stopped_by=self.clock.stopped_by,
            stages=self.stages | self.clock.stages,
            values=self.values,
            absent=self.absent,
            notes=self.notes,
            accuracy=self.accuracy,
            judged=self.judged,
            training=self.training,
            history=tuple(self.history),
            attribution=self.attribution,
            network=self.network,
            replication=self.replication,
        )

    def _prepare(self, stack: ExitStack) -> None:
        """All up to a model that can be trained; until the end of `stack` what is made has a copy on each device."""
        cell, options = self.job.cell, self.job.options
        with self._entered("data"):
            runtime.configure(options, cell.seed, self.job.device_kind)
            stack.enter_context(replication.scope(options, self.job.device_kind))
            self.data = open_data(cell, options, self.job.data)
            if options.cache == "none":
                self.batches = self._pipeline("windows")
        if options.cache != "none":
            with self._entered("cache"):
                self.batches = self._pipeline("windows", filled=True)
        with self._entered("model"):
            network = network_of(cell.model, self.data.info, options, Path(cell.folder))
            self.built = models.Built(network, cell.model, options, self.data.resident, cell.train)
            self.model = self.built.model
            training.built_on(self.model, self.batches)
            self._check_size()

    def _check_size(self) -> None:
        """Not every way to a cell looks at its network beforehand: pytest's plugin doesn't."""
        most = self.job.cell.train.max_params if self.job.cell.train is not None else None
        classes = self.data.info.classes
        if is_import_path(self.job.cell.model.network) and classes is not None:
            fault = self.built.shape_fault(classes)
            if fault is not None:
                raise InputError(fault)
        count, _ = models.parameters(self.model)
        if most is not None and count > most:
            raise InputError(
                Fault(f"{self.job.cell.model.name} has {count:,} trainable parameters", f"at most {most:,}")
            )

    def _time(self) -> None:
        traces: list[int] = []

        def step(steps: int) -> bool:
            if not traces:
                traces.append(self.model.trace_log.traces)
            return self.clock.step(steps)

        fitted = training.train_steps(self.model, self.batches, self.clock.begin, step)
        self.stage = "results"
        self.say(Progress(self.stage))  # those who watch from outside watch the windows alone
        _KEPT.append(fitted)
        self.stages |= self.clock.stages  # in their order
        self._read(fitted, self.model.trace_log.traces - traces[0])
        if fitted.accuracy is None:
            why = "the model's own metrics hold no accuracy"
            self.absent |= dict.fromkeys(("accuracy", "held_out_accuracy"), why)
            return
        self.accuracy = Accuracy(
            train=fitted.accuracy,
            held_out=None,
            held_out_images=0,
            steps=fitted.steps,
            synthetic=self.data.info.synthetic,
        )

    def _read(self, fitted: training.Fitted, retraces: int) -> None:
        """What there is to read in the cell, by metric name, and why the rest is absent."""
        trainable, non_trainable = models.parameters(self.model)
        windows = tuple(self.clock.windows)
        steady = step_seconds(windows)
        first = self.clock.stages["first step"]
        beyond = None if steady is None else max(0.0, first - steady * int(self.model.steps_per_execution))
        network = told(self.model, self.job.cell.batch_size)
        macs, self.network = network.macs, network.architecture
        if network.why is not None:
            self.absent["network"] = network.why
        readings: dict[str, tuple[float | None, str | None]] = {
            "compile_seconds": (beyond, impossible(windows)),
            "peak_gpu_allocator_bytes": (self.peak.peak_bytes, self.peak.reason),
            "peak_resident_bytes": peak_resident_bytes(),
            "train_state_bytes": (models.train_state(self.model), None),
            "macs_per_image": (macs.forward, macs.absent),
            "training_macs_per_image": (macs.training, macs.absent),
            "loss": _loss(fitted.loss),
            "examples_per_step": _examples(self.model.trace_log.examples.mean(fitted.steps)),
        }
        for name, (value, reason) in readings.items():
            self._tell(name, value, reason)
        if self.job.options.strategy is not None:
            size = self.job.cell.batch_size
            self.replication = shared.told(self.model, self.job.options, self.job.device_kind, size)
            self.absent["all_reduce_share"] = "not asked for: `attribute: true`, or --attribute, measures it"
        if self.job.device_kind == "cpu" and not ran.ran_under_xla(self.model):
            sums = ran.long_bias_sums(self.model, self.job.cell.batch_size)
            if sums:
                most = max(sums.values())
                self.notes["bfloat16_layers"] = f"biases of {', '.join(sums)} are summed over up to {most:,} terms"
        self.values |= {
            "first_step_seconds": first,
            "trace_seconds": self.model.trace_log.seconds,
            "retraces": retraces,
            "xla_ran": float(ran.ran_under_xla(self.model)),
            **{f"{kind}_layers": count for kind, count in ran.layers_by_type(self.model).items()},
            "trainable_params": trainable,
            "non_trainable_params": non_trainable,
            "steps": fitted.steps,
        }

    def _train(self) -> None:
        peak = AllocatorPeak(runtime.reset_peak, runtime.peak_allocated_bytes)
        with self._entered("training"), peak:
            trained = train_cell(self.job, self.built, self.data, self.history, self.say, self.batches.element_spec)
        _KEPT.append(trained.kept)
        self.training, self.accuracy, self.judged = trained.training, trained.accuracy, trained.judged
        self.values |= trained.values
        self.absent |= trained.absent
        self._tell("training_peak_gpu_allocator_bytes", peak.peak_bytes, peak.reason)
        self._tell("training_peak_resident_bytes", *peak_resident_bytes())

    def _tell(self, name: str, value: float | None, reason: str | None) -> None:
        self.values[name] = value
        if reason is not None:
            self.absent[name] = reason

    def _evaluate(self) -> None:
        most = self.job.cell.protocol.eval_images
        if not most:
            return
        found: dict[Part, tuple[training.Figures, int]] = {}
        with self._entered("evaluation"):
            for part in _JUDGED:
                judged = self.data.judging(part, most)
                if judged is not None:
                    batches, examples = judged
                    found[part] = training.evaluate(self.model, batches), examples
        self.judged = judged_by_its_own(found.get("train"), found.get("held_out"), int(self.values["steps"] or 0))
        if self.accuracy is not None:
            update: dict[str, float | int] = {}
            for part, (figures, examples) in found.items():
                if figures.loss is not None and not math.isfinite(figures.loss):
                    if part == "held_out":  # what it predicts is no number, and would pass for the first class
                        self.absent["held_out_accuracy"] = f"loss became {figures.loss} on held-out examples"
                elif figures.accuracy is not None:
                    update |= {part: figures.accuracy, f"{part}_images": examples}
            self.accuracy = self.accuracy.model_copy(update=update)

    def _attribute(self) -> None:
        """Last, since it leaves the model of no further use; and whatever goes wrong costs nothing but itself."""
        ended = self.stage
        if self.training is not None:  # its phases may have frozen other layers than the windows had
            self.built.as_timed()
        self.say(Progress("attribution", so_far=self.outcome("ok")))
        examples = self.data.info.train_images
        per_pass = None if examples is None else math.ceil(examples / self.job.cell.batch_size)
        try:
            if self.replication is not None:
                self.absent["attribution"] = (
                    "its loops are of one device; the share of all-reduce was measured in place"
                )
                with self._entered("attribution"):
                    self._all_reduce(self.replication)
                self.stage = ended
                return
            with self._entered("attribution"):
                self.attribution = attribution(
                    self.job,
                    self.model,
                    self._pipeline("attribution", filled=per_pass is None),
                    per_pass,
                    lambda loop, figure: self.say(_progress(f"attribution, {loop}", figure)),
                    _KEPT.append,
                )
        except Exception as error:
            if self.job.log is None:
                raise
            traceback.print_exc()
            self.absent["attribution" if self.replication is None else "all_reduce_share"] = _why(error)
        self.stage = ended

    def _all_reduce(self, told: Replication) -> None:
        windows = max((steps for steps, _ in self.clock.windows), default=1)
        self.say(Progress("attribution, with and without all-reduce"))
        found = all_reduce(self.model, self._pipeline("all-reduce"), windows, runtime.sync, _KEPT.append)
        self.replication = told.model_copy(update={"all_reduce": found})
        self.absent.pop("all_reduce_share", None)

    def _pipeline(self, purpose: str, filled: bool = False) -> Any:
        return self.data.training(self.job.scratch / purpose, filled=filled)

    def _clock_says(self, stage: str, figure: Estimate | None) -> None:
        self.stage = stage
        self.say(_progress(stage, figure))

    @contextmanager
    def _entered(self, stage: str) -> Iterator[None]:
        self.stage = stage
        self.say(Progress(stage))
        began = time.perf_counter()
        yield
        self.stages[stage] = time.perf_counter() - began


def _loss(loss: float | None) -> tuple[float | None, str | None]:
    if loss is None:
        return None, "the model's own step tells of no loss"
    return (loss, None) if math.isfinite(loss) else (None, f"loss became {loss}")


def _examples(mean: float | None) -> tuple[float | None, str | None]:
    return mean, None if mean is not None else "every batch has as many as the batch size says"


def _progress(stage: str, figure: Estimate | None) -> Progress:
    return Progress(stage) if figure is None else Progress(stage, figure.step_seconds, figure.margin)


def _plan(protocol: Protocol) -> ClockPlan:
    return ClockPlan(**protocol.model_dump(include={field.name for field in fields(ClockPlan)}))
