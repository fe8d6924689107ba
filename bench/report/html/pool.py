"""Values told once: what thousands of records share stands in a pool, and each of them has its place there."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, Generic, TypeVar

__all__ = ["Pool", "pooled", "rounded"]

T = TypeVar("T")
_DIGITS = 6


class Pool(Generic[T]):
    """Distinct values, in `values` in the order in which they came."""

    def __init__(self, shown: Callable[[T], Any] = lambda value: value) -> None:
        self._shown = shown
        self._places: dict[Hashable, int] = {}
        self.values: list[Any] = []

    def place(self, value: T, key: Hashable = None) -> int:
        """Where the value stands, from 0 on; it is added, as it is `shown`, where it is new.

        `key` is what tells it apart where it can't be hashed itself.
        """
        key = value if key is None else key
        if key not in self._places:
            self._places[key] = len(self.values)
            self.values.append(self._shown(value))
        return self._places[key]


def pooled(values: Iterable[Hashable]) -> dict[str, Any]:
    """A column as its distinct values, and the place of each row's.

    >>> pooled(["a", "b", "a"])
    {'pool': ['a', 'b'], 'at': [0, 1, 0]}
    """
    pool: Pool[Hashable] = Pool()
    at = [pool.place(value) for value in values]
    return {"pool": pool.values, "at": at}


def rounded(values: Sequence[float | None]) -> list[float | None]:
    """Numbers to six significant digits: more than a chart can show, and a third of the file that all would take.

    >>> rounded([0.0123456789, None, 1234567.8])
    [0.0123457, None, 1234570.0]
    """
    return [None if value is None else float(f"{value:.{_DIGITS}g}") for value in values]
