"""Answers about a value that can't change, given once."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from bench.support.frozen import Frozen

__all__ = ["cached_by_identity"]

T = TypeVar("T")
S = TypeVar("S")

_MOST = 65_536


def cached_by_identity(ask: Callable[[S], T]) -> Callable[[S], T]:
    """Keep the answers about the values that were asked about last.

    A report asks some twenty times about each record's windows and setup. Only the very same tuple or frozen model is
    recognised: that can't have changed, and hashing what is in it would cost as much as most answers. What a sequence
    of another kind holds may change, so that answers about it are not kept.
    """
    known: dict[int, tuple[S, T]] = {}

    @wraps(ask)
    def asked(value: S) -> T:
        hit = known.get(id(value))
        if hit is not None and hit[0] is value:
            return hit[1]
        answer = ask(value)
        if isinstance(value, tuple | Frozen):
            if len(known) >= _MOST:
                known.clear()
            known[id(value)] = value, answer
        return answer

    return asked
