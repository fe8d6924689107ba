"""Every metric of the house, by name. Tables, charts and gates ask here for units, directions and formats."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal

from bench.results.metric import Metric, significant
from bench.results.record import Record
from bench.results.windows import step_seconds, totals

__all__ = ["METRICS", "Metric", "show"]

Read = Callable[[Record], float | None]
MIB = 1 / 2**20


def show(record: Record, metric: Metric | str) -> str:
    """The record's figure with its unit, or a dash: `16.2 ms/step`."""
    return (METRICS[metric] if isinstance(metric, str) else metric).show(record)


def _value(name: str) -> Read:
    return lambda record: record.values.get(name)


def _window_steps(record: Record) -> float | None:
    found = totals(record.windows)
    return found[0] if found else None


def _window_seconds(record: Record) -> float | None:
    found = totals(record.windows)
    return found[1] if found else None


def _step_seconds(record: Record) -> float | None:
    return step_seconds(record.windows)


def _images_per_second(record: Record) -> float | None:
    step = _step_seconds(record)
    return record.batch_size / step if step else None


def _accuracy(record: Record) -> float | None:
    return record.accuracy.train if record.accuracy else None


def _held_out_accuracy(record: Record) -> float | None:
    return record.accuracy.held_out if record.accuracy else None


def _trained_steps(record: Record) -> float | None:
    return record.accuracy.steps if record.accuracy else None


def _seconds_metric(name: str, title: str, legend: str, read: Read | None = None) -> Metric:
    return Metric(name, title, "s", "lower", significant, 1, legend, read or _value(name))


def _bytes_metric(name: str, title: str, legend: str) -> Metric:
    return Metric(name, title, "MiB", "lower", ",.0f", MIB, legend, _value(name))


def _share_metric(name: str, title: str, legend: str, read: Read | None = None) -> Metric:
    return Metric(name, title, "%", "higher", ".1f", 100, legend, read or _value(name))


def _lower_share(name: str, title: str, legend: str) -> Metric:
    return Metric(name, title, "%", "lower", ".1f", 100, legend, _value(name))


def _count_metric(
    name: str, title: str, better: Literal["lower", "higher"] | None, legend: str, read: Read | None = None
) -> Metric:
    return Metric(name, title, "", better, ",.0f", 1, legend, read or _value(name))


_ALL = (
    Metric(
        "step_seconds",
        "step time",
        "ms/step",
        "lower",
        significant,
        1e3,
        "time a training step takes: all of the windows' seconds over all of their steps",
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
        "training images taken in a second: batch size over step time",
        _images_per_second,
        heading="images/s",
        of_windows=True,
    ),
    _seconds_metric("first_step_seconds", "first step", "time from the start of training to the first step's end"),
    _seconds_metric(
        "compile_seconds",
        "compile time",
        "time the first step took beyond a steady one: tracing, compiling, filling the pipeline",
    ),
    _seconds_metric("trace_seconds", "trace time", "time Keras took to trace the step into a graph"),
    _bytes_metric(
        "peak_gpu_allocator_bytes",
        "peak GPU memory in use",
        "most GPU memory that TensorFlow's allocator had handed out at once, after warm-up",
    ),
    _bytes_metric(
        "peak_gpu_nvml_bytes",
        "peak GPU memory reserved",
        "most GPU memory that NVML saw in use: reserved by TensorFlow, its context, and other processes; short peaks "
        "escape",
    ),
    _bytes_metric(
        "peak_gpu_process_bytes",
        "peak GPU memory of the process",
        "most GPU memory that NVML saw the cell's process hold; containers often hide it",
    ),
    _bytes_metric("peak_resident_bytes", "peak memory", "most main memory that the cell's process held (resident set)"),
    _share_metric("gpu_utilization", "GPU utilisation", "share of the time in which a kernel ran on the GPU (NVML)"),
    Metric(
        "gpu_power_watts",
        "GPU power",
        "W",
        "lower",
        significant,
        1,
        "mean power drawn by the card during the windows (NVML)",
        _value("gpu_power_watts"),
    ),
    Metric(
        "gpu_energy_joules",
        "GPU energy",
        "J",
        "lower",
        significant,
        1,
        "energy drawn by the card during the windows: its counter, or power integrated where it has none",
        _value("gpu_energy_joules"),
    ),
    Metric(
        "gpu_sm_clock_hz",
        "GPU clock",
        "MHz",
        "higher",
        ",.0f",
        1e-6,
        "mean clock of the card's multiprocessors during the windows (NVML)",
        _value("gpu_sm_clock_hz"),
    ),
    Metric(
        "gpu_memory_clock_hz",
        "GPU memory clock",
        "MHz",
        "higher",
        ",.0f",
        1e-6,
        "mean clock of the card's memory during the windows (NVML)",
        _value("gpu_memory_clock_hz"),
    ),
    Metric(
        "gpu_temperature_celsius",
        "GPU temperature",
        "°C",
        "lower",
        ".0f",
        1,
        "highest temperature of the card during the windows (NVML)",
        _value("gpu_temperature_celsius"),
    ),
    Metric(
        "gpu_idle_watts",
        "GPU idle power",
        "W",
        "lower",
        significant,
        1,
        "mean power drawn by the card with nothing on it, in a second before the first cell (NVML); subtracted from "
        "no other metric",
        _value("gpu_idle_watts"),
    ),
    _count_metric(
        "foreign_gpu_processes",
        "other processes on the GPU",
        "lower",
        "processes other than the cell's that computed on the card during the windows; containers often hide them",
    ),
    _bytes_metric(
        "foreign_gpu_memory_bytes", "GPU memory of other processes", "GPU memory that those other processes held"
    ),
    _share_metric(
        "cpu_share", "processor use", "share of the usable processors' time that the cell took during the windows"
    ),
    _lower_share("foreign_cpu_share", "processor use by others", "share of that time that other processes took"),
    _lower_share("cpu_steal_share", "stolen processor time", "share of that time that the hypervisor gave to others"),
    _seconds_metric(
        "cgroup_throttled_seconds",
        "time throttled",
        "time that a container's quota held the cell off the processors during the windows",
    ),
    _count_metric(
        "cpu_thermal_throttles",
        "processor throttled by heat",
        "lower",
        "how often a processor was slowed for being hot during the windows",
    ),
    _count_metric("trainable_params", "trainable parameters", None, "parameters that training changes"),
    _count_metric("non_trainable_params", "fixed parameters", None, "parameters that training leaves as they are"),
    _bytes_metric(
        "train_state_bytes",
        "training state",
        "weights plus optimizer slots: 4 bytes × (trainable × 3 + non-trainable) for Adam",
    ),
    Metric(
        "macs_per_image",
        "multiply-adds an image",
        "M",
        None,
        significant,
        1e-6,
        "multiply-adds of one image's forward pass; a multiply-add is two floating-point operations",
        _value("macs_per_image"),
    ),
    Metric(
        "training_macs_per_image",
        "multiply-adds an image trained",
        "M",
        None,
        significant,
        1e-6,
        "multiply-adds of one image's training step: backward twice forward where all of the network is trained",
        _value("training_macs_per_image"),
    ),
    _share_metric(
        "accuracy", "training accuracy", "share of the training images seen last that were classified right", _accuracy
    ),
    _share_metric(
        "held_out_accuracy",
        "held-out accuracy",
        "share of images never trained on that were classified right",
        _held_out_accuracy,
    ),
    _count_metric(
        "trained_steps",
        "steps trained",
        None,
        "steps that the weights had seen when accuracy was judged",
        _trained_steps,
    ),
    _count_metric("steps", "steps run", None, "steps that the cell ran until its windows ended, warm-up included"),
    _seconds_metric("seconds", "time taken", "time that the cell took as a whole, its process's start included"),
    Metric("window_steps", "steps timed", "", None, ",.0f", 1, "steps in all windows", _window_steps, of_windows=True),
    Metric(
        "window_seconds",
        "time measured",
        "s",
        "lower",
        significant,
        1,
        "seconds in all windows",
        _window_seconds,
        of_windows=True,
    ),
)

METRICS: Mapping[str, Metric] = MappingProxyType({metric.name: metric for metric in _ALL})
"""Every metric by its name."""
