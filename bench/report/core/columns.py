"""The columns that a suite's table shows of a record, a column each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bench.analyse.speedup.baseline import baselines
from bench.analyse.stats.ratio import Ratio, Refusal
from bench.instruments.stats import estimate_of
from bench.report.core.speedup_text import speedup_text
from bench.results.metric import ABSENT
from bench.results.metrics import METRICS
from bench.results.query import Identity, identity
from bench.results.record import Record

__all__ = ["SYNTHETIC", "Column", "columns"]

SYNTHETIC = "†"
"""Stands at every accuracy on synthetic data."""

_MEMORY = ("peak_gpu_allocator_bytes", "peak_gpu_nvml_bytes", "peak_resident_bytes")


@dataclass(frozen=True)
class Column:
    """A column: its heading, what stands in it for a record, and why a record has nothing there (None: no matter).

    `title` names the figure in a sentence; `legend` says what it is, where the heading alone doesn't.
    """

    name: str
    title: str
    heading: str
    text: Callable[[Record], str]
    why_absent: Callable[[Record], str | None]
    legend: str = ""


def columns(records: Sequence[Record], ratios: Mapping[Identity, Ratio | Refusal]) -> tuple[Column, ...]:
    """The columns for these records of one host and suite, whose speed-ups are `ratios`."""
    return (
        _metric("step_seconds", _step),
        replace(_metric("images_per_second", _rate), heading=_rate_heading(records)),
        _speedup(records, ratios),
        *(_metric(name, legend=METRICS[name].legend) for name in ("compile_seconds", *_MEMORY)),
        replace(
            _metric("held_out_accuracy", _held_out, " (steps)", _held_out_legend(records)),
            heading=f"{_held_out_heading(records)} (steps)",
            why_absent=_why_not_held_out,
        ),
    )


def _metric(name: str, text: Callable[[Record], str] | None = None, more: str = "", legend: str = "") -> Column:
    metric = METRICS[name]

    def plain(record: Record) -> str:
        return metric.show(record, unit=False)

    return Column(name, metric.title, metric.heading + more, text or plain, metric.why_absent, legend)


def _step(record: Record) -> str:
    metric, found = METRICS["step_seconds"], estimate_of(record.timed)
    if found is None:
        return metric.show(record, unit=False)
    return metric.text_with_margin(found.step_seconds, found.margin * found.step_seconds)


def _rate(record: Record) -> str:
    metric, found = METRICS["images_per_second"], estimate_of(record.timed)
    value = metric.read(record)
    if found is None or value is None:
        return metric.show(record, unit=False)
    return metric.text_to_margin(value, found.margin * value)


def _rate_heading(records: Sequence[Record]) -> str:
    """In the unit of these records; one that not all of them share is told of each."""
    units = dict.fromkeys(METRICS["images_per_second"].unit_for(record) for record in records)
    return " or ".join(units) or METRICS["images_per_second"].heading


def _speedup(records: Sequence[Record], ratios: Mapping[Identity, Ratio | Refusal]) -> Column:
    over = dict.fromkeys(record.variant for record in baselines(records).values())
    compared = any(isinstance(ratio, Ratio) for ratio in ratios.values())

    def text(record: Record) -> str:
        ratio = ratios.get(identity(record))
        if isinstance(ratio, Ratio):
            return speedup_text(ratio)
        return "1" if ratio is None and compared else ABSENT

    def why(record: Record) -> str | None:
        ratio = ratios.get(identity(record))
        return str(ratio) if isinstance(ratio, Refusal) else None

    return Column("speedup", "speed-up", f"speed-up over {' or '.join(over) or 'the baseline'}", text, why)


def _held_out(record: Record) -> str:
    if record.accuracy is None or not _has_accuracy(record):
        return _by_its_own(record)
    shown = METRICS["held_out_accuracy"].show(record, unit=False)
    steps = METRICS["trained_steps"].show(record)
    return f"{shown}{SYNTHETIC if record.accuracy.synthetic else ''} ({steps})"


def _by_its_own(record: Record) -> str:
    """The first of a model's own metrics on held-out examples: `mean_io_u ↑ 0.431 (120)`."""
    main = record.judged.main if record.judged is not None else None
    if record.judged is None or main is None or main.held_out is None:
        return ABSENT
    arrow = {"higher": " ↑", "lower": " ↓", None: ""}[main.better]
    return f"{main.name}{arrow} {main.held_out:.4g} ({record.judged.steps:,})"


def _held_out_heading(records: Sequence[Record]) -> str:
    if any(_held_out(record) != ABSENT for record in records) and not any(map(_has_accuracy, records)):
        return "held-out metric"
    return METRICS["held_out_accuracy"].heading


def _has_accuracy(record: Record) -> bool:
    return record.accuracy is not None and record.accuracy.held_out is not None


def _why_not_held_out(record: Record) -> str | None:
    return METRICS["held_out_accuracy"].why_absent(record) if _held_out(record) == ABSENT else None


def _held_out_legend(records: Sequence[Record]) -> str:
    judged = [record for record in records if _held_out(record) != ABSENT]
    own = [record.judged for record in judged if record.judged is not None and not _has_accuracy(record)]
    usual = [record.accuracy for record in judged if record.accuracy is not None and _has_accuracy(record)]
    counts = [*(one.held_out_images for one in usual), *(one.held_out_examples for one in own)]
    units = dict.fromkeys(record.data.unit_of_examples if record.data is not None else "images" for record in judged)
    over = f"over {' or '.join(dict.fromkeys(f'{count:,}' for count in counts))} {' or '.join(units)}"
    named = "what the model's own first metric says of examples never trained on (↑ higher is better, ↓ lower)"
    legends = [METRICS["held_out_accuracy"].legend] * bool(usual) + [named] * bool(own)
    legend = f"{'; '.join(legends)}, {over}"
    if all(record.history for record in judged):
        return legend
    return f"{legend}; after as many steps (in brackets) as its time allowed, so not comparable between rows"
