"""Which of a suite's cells are measured."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from bench.errors import Fault, InputError, nearest
from bench.suite.spec import Cell
from bench.suite.wording import quoted

__all__ = ["select"]


def select(cells: Sequence[Cell], only: Sequence[str]) -> tuple[Cell, ...]:
    """The cells whose ids match any of the glob patterns in `only`, in their own order; all where it is empty.

    A pattern may stop before the end of an id, at a `/`: `vgg16/xla` and `*/xla` match `vgg16/xla/b128`. Raises
    InputError for patterns that match nothing.
    """
    ids = [cell.id for cell in cells]
    idle = [pattern for pattern in only if not any(_matches(cell_id, pattern) for cell_id in ids)]
    if idle:
        raise InputError(*(Fault(f"--only {quoted(p)} matches no cell", nearest(p, ids)) for p in idle))
    return tuple(cell for cell in cells if not only or any(_matches(cell.id, pattern) for pattern in only))


def _matches(cell_id: str, pattern: str) -> bool:
    return fnmatchcase(cell_id, pattern) or fnmatchcase(cell_id, f"{pattern.rstrip('/')}/*")
