"""One neutral table: text in rows and columns, and notes. What it looks like is a renderer's affair."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Heading", "Note", "Table"]


@dataclass(frozen=True)
class Heading:
    """A column's heading, and the side that its cells keep to."""

    heading: str
    align: Literal["left", "right"] = "left"


@dataclass(frozen=True)
class Note:
    """A line under a table; `mark` is what stands in the cells that it explains."""

    text: str
    mark: str = ""


@dataclass(frozen=True)
class Table:
    """Rows of plain text, each as long as there are columns.

    `keep` are the places of rows that matter most, the first of them most: see `bench.report.core.abridged`.
    """

    title: str
    columns: tuple[Heading, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[Note, ...] = ()
    keep: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"{self.title}: a row of {len(row)} cells under {len(self.columns)} columns: {row}")
