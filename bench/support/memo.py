"""Answers about a record's windows, given once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import TypeVar

__all__ = ["cached_by_windows"]

T = TypeVar("T")
Windows = Sequence[tuple[int, float]]

_MOST = 65_536


def cached_by_windows(ask: Callable[[Windows], T]) -> Callable[[Windows], T]:
    """Keep the answers about the windows that were asked about last.

    A report asks some twenty times about each record. Only the very same tuple is recognised: that can't have changed,
    and hashing its windows would cost as much as most answers.
    """
    known: dict[int, tuple[Windows, T]] = {}

    @wraps(ask)
    def asked(windows: Windows) -> T:
        hit = known.get(id(windows))
        if hit is not None and hit[0] is windows:
            return hit[1]
        answer = ask(windows)
        if isinstance(windows, tuple):
            if len(known) >= _MOST:
                known.clear()
            known[id(windows)] = windows, answer
        return answer

    return asked
