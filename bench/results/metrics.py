"""Every metric of the house, by name. Tables, charts and gates ask here for units, directions and formats."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bench.results.machine_metrics import MACHINE_METRICS
from bench.results.metric import Metric, significant
from bench.results.metric_kinds import bytes_metric, count_metric, seconds_metric, share_metric, value_of
from bench.results.record import Record
from bench.results.replication_metrics import REPLICATION_METRICS
from bench.results.training_metrics import TRAINING_METRICS
from bench.results.window_stats import mean_step_seconds, totals

__all__ = ["METRICS", "Metric", "show"]


def show(record: Record, metric: Metric | str) -> str:
    """The record's figure with its unit, or a dash: `16.2 ms/step`."""
    return (METRICS[metric] if isinstance(metric, str) else metric).show(record)


def _window_steps(record: Record) -> float | None:
    found = _window_totals(record)
    return sum(steps for steps, _ in found) if found else None


def _window_seconds(record: Record) -> float | None:
    found = _window_totals(record)
    return sum(seconds for _, seconds in found) if found else None


def _window_totals(record: Record) -> list[tuple[int, float]]:
    """Steps and seconds of each process whose windows can be counted."""
    return [one for windows in record.timed if (one := totals(windows))]


def _step_seconds(record: Record) -> float | None:
    return mean_step_seconds(record.timed)


def _images_per_second(record: Record) -> float | None:
    step = _step_seconds(record)
    own = record.data.pipeline if record.data is not None else None
    examples = record.values.get("examples_per_step") or record.global_batch_size
    return examples * (own.units_per_example if own is not None else 1) / step if step else None


def _rate_unit(record: Record) -> str:
    return f"{record.data.unit if record.data is not None else 'images'}/s"


def _accuracy(record: Record) -> float | None:
    return record.accuracy.train if record.accuracy and record.accuracy.train_images else None


def _held_out_accuracy(record: Record) -> float | None:
    return record.accuracy.held_out if record.accuracy else None


def _trained_steps(record: Record) -> float | None:
    return record.accuracy.steps if record.accuracy else None


_ALL = (
    Metric(
        "step_seconds",
        "step time",
        "ms/step",
        "lower",
        significant,
        1e3,
        "time a training step takes: the windows' seconds over their steps; of several processes the mean",
        _step_seconds,
        heading="ms/step",
        of_windows=True,
    ),
    Metric(
        "images_per_second",
        "throughput",
        "images/s",
        "higher",
        significant,
        1,
        "training images taken in a second, or what else the suite counts: examples a step over step time",
        _images_per_second,
        heading="images/s",
        of_windows=True,
        unit_of=_rate_unit,
    ),
    Metric(
        "examples_per_step",
        "examples a step",
        "",
        None,
        significant,
        1,
        "mean number of examples in a batch, where batches of a pipeline of the user's own vary in size",
        value_of("examples_per_step"),
    ),
    seconds_metric("first_step_seconds", "first step", "time from the start of training to the first step's end"),
    seconds_metric(
        "compile_seconds",
        "compile time",
        "time the first step took beyond a steady one: tracing, compiling, filling the pipeline",
    ),
    seconds_metric("trace_seconds", "trace time", "time Keras took to trace the step into a graph"),
    *REPLICATION_METRICS,
    *MACHINE_METRICS,
    count_metric("trainable_params", "trainable parameters", None, "parameters that training changes"),
    count_metric("non_trainable_params", "fixed parameters", None, "parameters that training leaves as they are"),
    bytes_metric(
        "train_state_bytes",
        "training state",
        "weights plus optimizer slots in float32: 4 bytes × (trainable × 3 + non-trainable) for Adam",
    ),
    count_metric("retraces", "retraced", "lower", "how often the step was traced anew after its first time"),
    Metric(
        "xla_ran",
        "ran under XLA",
        "",
        None,
        lambda ran: "yes" if ran else "no",
        1,
        "did XLA compile the training step, whatever the variant asked for?",
        value_of("xla_ran"),
    ),
    *(
        count_metric(f"{kind}_layers", f"{kind} layers", None, f"layers with weights that compute in {kind}")
        for kind in ("float32", "float16", "bfloat16", "float64")
    ),
    Metric(
        "macs_per_image",
        "multiply-adds an image",
        "M",
        None,
        significant,
        1e-6,
        "multiply-adds of one image's forward pass; a multiply-add is two floating-point operations",
        value_of("macs_per_image"),
    ),
    Metric(
        "training_macs_per_image",
        "multiply-adds an image trained",
        "M",
        None,
        significant,
        1e-6,
        "multiply-adds of one image's training step: forward, and every gradient that is computed",
        value_of("training_macs_per_image"),
    ),
    share_metric(
        "accuracy",
        "training accuracy",
        "share of images trained on that were classified right, judged with the weights that held-out accuracy is of",
        _accuracy,
    ),
    share_metric(
        "held_out_accuracy",
        "held-out accuracy",
        "share of images never trained on that were classified right",
        _held_out_accuracy,
    ),
    count_metric(
        "trained_steps",
        "steps trained",
        None,
        "steps that the weights had seen when accuracy was judged",
        _trained_steps,
    ),
    *TRAINING_METRICS,
    count_metric("steps", "steps run", None, "steps that the cell ran until its windows ended, warm-up included"),
    seconds_metric("seconds", "time taken", "time that the cell took as a whole, its process's start included"),
    Metric(
        "window_steps",
        "steps timed",
        "",
        None,
        ",.0f",
        1,
        "steps in all windows that count",
        _window_steps,
        of_windows=True,
    ),
    Metric(
        "window_seconds",
        "time measured",
        "s",
        "lower",
        significant,
        1,
        "seconds in all windows that count",
        _window_seconds,
        of_windows=True,
    ),
)

METRICS: Mapping[str, Metric] = MappingProxyType({metric.name: metric for metric in _ALL})
"""Every metric by its name."""
