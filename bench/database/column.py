"""What a column of a view is, and a view."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

__all__ = ["Column", "View"]

T = TypeVar("T")


@dataclass(frozen=True)
class Column(Generic[T]):
    """A column: its type in DuckDB, what it says, its unit (empty: it has none), and how it is read."""

    name: str
    type: str
    about: str
    read: Callable[[T], Any]
    unit: str = ""

    @property
    def comment(self) -> str:
        """What it says, the unit before it."""
        return f"{self.unit}: {self.about}" if self.unit else self.about


@dataclass(frozen=True)
class View(Generic[T]):
    """A view, one row each of what `about` says."""

    name: str
    about: str
    columns: Sequence[Column[T]]
