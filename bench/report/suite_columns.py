"""The figures that a suite's table shows of a record, a column each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bench.analyse.compare import Ratio, Refusal
from bench.measure.stats import estimate
from bench.report.ratios import speedup_text
from bench.results.metric import ABSENT
from bench.results.metrics import METRICS
from bench.results.record import Record

__all__ = ["SYNTHETIC", "Figure", "figures"]

SYNTHETIC = "†"
"""Stands at every accuracy on synthetic data."""

_SHOWN = (
    "images_per_second",
    "speedup",
    "compile_seconds",
    "peak_gpu_allocator_bytes",
    "peak_gpu_nvml_bytes",
    "peak_resident_bytes",
    "trainable_params",
    "held_out_accuracy",
)


@dataclass(frozen=True)
class Figure:
    """A column: its heading, what stands in it for a record, and why a record has nothing there (None: no matter).

    `title` names the figure in a sentence.
    """

    title: str
    heading: str
    text: Callable[[Record], str]
    why_absent: Callable[[Record], str | None]


def figures(records: Sequence[Record], ratios: Mapping[str, Ratio | Refusal]) -> tuple[Figure, ...]:
    """The columns for these records of one host and suite, whose speed-ups are `ratios`, by cell."""
    columns = [_metric("step_seconds", _step)]
    for name in _SHOWN:
        if name == "speedup":
            columns.append(_speedup(records, ratios))
        elif name == "held_out_accuracy":
            columns.append(_metric(name, _held_out, " (steps)"))
        else:
            columns.append(_metric(name))
    return tuple(columns)


def _metric(name: str, text: Callable[[Record], str] | None = None, more: str = "") -> Figure:
    metric = METRICS[name]

    def plain(record: Record) -> str:
        return metric.show(record, unit=False)

    return Figure(metric.title, metric.heading + more, text or plain, metric.why_absent)


def _step(record: Record) -> str:
    metric, found = METRICS["step_seconds"], estimate(record.windows)
    if found is None:
        return metric.show(record, unit=False)
    return metric.text_with_margin(found.step_seconds, found.margin * found.step_seconds)


def _speedup(records: Sequence[Record], ratios: Mapping[str, Ratio | Refusal]) -> Figure:
    baselines = dict.fromkeys(record.variant for record in records if record.baseline)
    compared = any(isinstance(ratio, Ratio) for ratio in ratios.values())

    def text(record: Record) -> str:
        ratio = ratios.get(record.cell)
        if isinstance(ratio, Ratio):
            return speedup_text(ratio)
        return "1" if ratio is None and compared else ABSENT

    def why(record: Record) -> str | None:
        ratio = ratios.get(record.cell)
        return str(ratio) if isinstance(ratio, Refusal) else None

    return Figure("speed-up", f"speed-up over {' or '.join(baselines) or 'the baseline'}", text, why)


def _held_out(record: Record) -> str:
    if record.accuracy is None or record.accuracy.held_out is None:
        return ABSENT
    shown = METRICS["held_out_accuracy"].show(record, unit=False)
    steps = METRICS["trained_steps"].show(record)
    return f"{shown}{SYNTHETIC if record.accuracy.synthetic else ''} ({steps})"
