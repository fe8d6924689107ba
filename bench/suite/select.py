"""Which of a suite's cells are measured."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from bench.errors import Fault, InputError, nearest
from bench.suite.cells import Cell
from bench.suite.wording import quoted

__all__ = ["matches", "picked", "select"]


def select(cells: Sequence[Cell], only: Sequence[str], option: str = "--only") -> tuple[Cell, ...]:
    """The cells whose ids match any of the glob patterns in `only`, in their own order: see `picked`."""
    ids = frozenset(picked([cell.id for cell in cells], only, option))
    return tuple(cell for cell in cells if cell.id in ids)


def picked(ids: Sequence[str], only: Sequence[str], option: str = "--only") -> tuple[str, ...]:
    """The ids that match any of the glob patterns in `only`, in their own order; all where it is empty.

    A pattern may stop before the end of an id, at a `/`: `vgg16/xla` and `*/xla` match `vgg16/xla/b128`. Raises
    InputError for patterns that match nothing; `option` is what the user knows them by.
    """
    idle = [pattern for pattern in only if not any(matches(cell_id, pattern) for cell_id in ids)]
    if idle:
        raise InputError(*(Fault(f"{option} {quoted(p)} matches no cell", nearest(p, ids)) for p in idle))
    return tuple(cell_id for cell_id in ids if not only or any(matches(cell_id, pattern) for pattern in only))


def matches(cell_id: str, pattern: str) -> bool:
    """Does the glob `pattern` match the cell's id, or its beginning up to a `/`?"""
    return fnmatchcase(cell_id, pattern) or fnmatchcase(cell_id, f"{pattern.rstrip('/')}/*")
