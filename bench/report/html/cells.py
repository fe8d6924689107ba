"""The table of all cells: the newest run of each, a column at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from bench.analyse.speedup.baseline import baselines
from bench.analyse.speedup.standings import Standing
from bench.analyse.stats.ratio import Ratio
from bench.instruments.stats import estimate_of
from bench.report.core.columns import SYNTHETIC
from bench.report.core.speedup_text import speedup_text
from bench.report.html.pool import pooled, rounded
from bench.results.metric import ABSENT, Metric
from bench.results.metrics import METRICS
from bench.results.query import Identity, identity
from bench.results.record import Record
from bench.support.plain_text import plain_text

__all__ = ["NAMES", "Figures", "cell_columns", "comparisons", "figures_of"]

Figures = Mapping[str, tuple[float, str]]
"""By a metric's name its stored value, and that as tables show it."""

_NONE = (None, ABSENT)

NAMES: Mapping[str, Callable[[Record, str], str | int]] = {
    "host": lambda _record, label: label,
    "host_id": lambda record, _label: record.host,
    "team": lambda record, _label: record.team or "",
    "suite": lambda record, _label: record.suite,
    "cell": lambda record, _label: record.cell,
    "model": lambda record, _label: record.model,
    "variant": lambda record, _label: record.variant,
    "batch": lambda record, _label: record.batch_size,
    "seed": lambda record, _label: record.seed,
    "status": lambda record, _label: record.status.replace("_", " "),
}
"""What names a row."""

_SHOWN_WHERE_SEVERAL = frozenset({"host", "team", "suite", "seed", "status"})
_SHOWN_FIGURES = frozenset(
    {
        "step_seconds",
        "speedup",
        "peak_gpu_allocator_bytes",
        "peak_resident_bytes",
        "held_out_accuracy",
    }
)
"""Columns that stand there before anyone chooses others."""

_SPEEDUP = "how many times as fast as the baseline of its host, suite, model, batch size and seed"


def cell_columns(
    cells: Sequence[Record],
    figures: Sequence[Figures],
    labels: Mapping[str, str],
    standing: Mapping[Identity, Standing],
) -> list[dict[str, Any]]:
    """Each column of the table; of metrics those that any of the cells has among its `figures`."""
    return [*_names(cells, labels), *_figures(cells, figures, standing)]


def figures_of(record: Record) -> Figures:
    """Every metric that a good record has; of another none."""
    if not record.ok:
        return {}
    return {
        name: (value, figure_text(metric, record, value))
        for name, metric in METRICS.items()
        if (value := metric.read(record)) is not None
    }


def comparisons(cells: Sequence[Record], standing: Mapping[Identity, Standing]) -> dict[str, list[Any]]:
    """What charts need beside the columns: the ends of 95 % intervals in the units that people see, the band in which
    speeds are the same, the verdict on each speed-up, and which cells are baselines."""
    scale = METRICS["step_seconds"].scale
    over = {identity(record) for record in baselines(cells).values()}
    steps = [estimate_of(record.timed) if record.ok else None for record in cells]
    ratios = [_ratio(record, standing) for record in cells]
    return {
        "step_low": rounded([one.low * scale if one else None for one in steps]),
        "step_high": rounded([one.high * scale if one else None for one in steps]),
        "speedup_low": rounded([one.low if one else None for one in ratios]),
        "speedup_high": rounded([one.high if one else None for one in ratios]),
        "verdict": [one.verdict if one else None for one in ratios],
        "same_within": [record.protocol.same_within for record in cells],
        "baseline": [int(identity(record) in over) for record in cells],
    }


def figure_text(metric: Metric, record: Record, value: float) -> str:
    """A metric's figure as tables show it: with half its interval's width where it has one, accuracies on synthetic
    images marked."""
    if metric.name == "step_seconds" and (found := estimate_of(record.timed)) is not None:
        return metric.text_with_margin(found.step_seconds, found.margin * found.step_seconds)
    marked = "accuracy" in metric.name and record.accuracy is not None and record.accuracy.synthetic
    return f"{_text(metric.name, value)}{SYNTHETIC if marked else ''}"


@lru_cache(maxsize=1 << 16)
def _text(name: str, value: float) -> str:
    """Kept, for thousands of cells have as many parameters, or bytes, as others."""
    return METRICS[name].text(value)


def _names(cells: Sequence[Record], labels: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for name, of in NAMES.items():
        values = (of(record, labels.get(record.host, record.host)) for record in cells)
        column = pooled(plain_text(value) if isinstance(value, str) else value for value in values)
        shown = name in _SHOWN_WHERE_SEVERAL and len(column["pool"]) > 1
        yield {"name": name, "heading": name, "legend": "", "better": None, "shown": shown} | column


def _figures(
    cells: Sequence[Record], figures: Sequence[Figures], standing: Mapping[Identity, Standing]
) -> Iterator[dict[str, Any]]:
    for name, metric in METRICS.items():
        found = [one.get(name, _NONE) for one in figures]
        if any(value is not None for value, _ in found):
            yield _figure(
                name,
                metric.heading,
                f"{metric.title}: {metric.legend}",
                metric.better,
                [None if value is None else value * metric.scale for value, _ in found],
                [text for _, text in found],
            )
        if name == "step_seconds":
            ratios = [_ratio(record, standing) for record in cells]
            over = {identity(record) for record in baselines(cells).values()}
            texts = [
                speedup_text(one) if one else "1" if record.ok and identity(record) in over else ABSENT
                for record, one in zip(cells, ratios, strict=True)
            ]
            values = [
                one.value if one else 1.0 if text == "1" else None for text, one in zip(texts, ratios, strict=True)
            ]
            yield _figure("speedup", "speed-up", f"speed-up: {_SPEEDUP}", "higher", values, texts)


def _figure(
    name: str, heading: str, legend: str, better: str | None, values: Sequence[float | None], texts: Sequence[str]
) -> dict[str, Any]:
    column = {"name": name, "heading": heading, "legend": legend, "better": better, "shown": name in _SHOWN_FIGURES}
    pairs = list(zip(rounded(values), texts, strict=True))
    if pairs and len(set(pairs)) * 2 <= len(pairs):
        found = pooled(pairs)
        figures, words = zip(*found["pool"], strict=True)
        return column | {"numbers": figures, "pool": words, "at": found["at"]}
    return column | {"numbers": [value for value, _ in pairs], "pool": [text for _, text in pairs]}


def _ratio(record: Record, standing: Mapping[Identity, Standing]) -> Ratio | None:
    found = standing.get(identity(record))
    return found.ratio if found is not None and isinstance(found.ratio, Ratio) else None
