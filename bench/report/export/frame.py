"""A tidy frame: columns that say what they hold and in which unit, and a row of plain values each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bench.results.metric import Metric
from bench.support.plain_text import plain_text

__all__ = ["Column", "Frame", "Kind", "framed", "of_metric"]

Kind = Literal["text", "integer", "number", "flag", "moment"]


@dataclass(frozen=True)
class Column:
    """A column. `unit` is that of the values as they are stored (`1`: a share, 0..1), empty where they have none;
    `better` is the direction, None where neither is."""

    name: str
    kind: Kind = "text"
    unit: str = ""
    legend: str = ""
    better: Literal["lower", "higher"] | None = None


@dataclass(frozen=True)
class Frame:
    """Rows under their columns. Texts are on one line and free of what isn't seen; what was not measured is None."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]


def framed(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> Frame:
    """A frame of these rows, its texts made plain."""
    return Frame(tuple(columns), tuple(tuple(map(_plain, row)) for row in rows))


def of_metric(metric: Metric) -> Column:
    """The column of a metric's stored values."""
    unit = metric.stored_unit or ("1" if metric.unit == "%" else metric.unit if metric.scale == 1 else "")
    return Column(metric.name, "number", unit, metric.legend, metric.better)


def _plain(value: Any) -> Any:
    return plain_text(value) if isinstance(value, str) else value
