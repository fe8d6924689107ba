"""A comparison as a program gets it: one that a notebook shows as its table."""

from __future__ import annotations

from dataclasses import dataclass, fields

from bench.analyse.compare.comparison import Comparison
from bench.report.compare.table import compare_table, compare_text
from bench.report.core.html import render

__all__ = ["ShownComparison", "shown"]


@dataclass(frozen=True)
class ShownComparison(Comparison):
    """A comparison that `print` shows as Markdown, and a notebook as a table."""

    def __str__(self) -> str:
        return compare_text(self)

    def _repr_html_(self) -> str:
        return render(compare_table(self))


def shown(comparison: Comparison) -> ShownComparison:
    """The same comparison, with its table."""
    return ShownComparison(**{field.name: getattr(comparison, field.name) for field in fields(comparison)})
