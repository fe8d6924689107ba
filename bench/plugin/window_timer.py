"""Measured step times, played to pytest-benchmark as if they passed now."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

__all__ = ["Tape"]


class Tape:
    """A timer for pytest-benchmark that passes `seconds[i]` in the i-th round.

    >>> tape = Tape()
    >>> tape.load([0.25, 0.5])
    >>> benchmark.pedantic(tape.play, setup=tape.rewind, rounds=2)  # doctest: +SKIP
    """

    __name__ = "bench.windows"

    def __init__(self) -> None:
        self._at = 0.0
        self._seconds: Iterator[float] = iter(())

    def __call__(self) -> float:
        return self._at

    def load(self, seconds: Sequence[float]) -> None:
        """What to play; from the beginning again where more rounds are wanted (a profiler's)."""
        self._seconds = itertools.cycle(seconds)

    def rewind(self) -> None:
        """Back to zero, so that a round takes exactly what was measured and no rounding is added."""
        self._at = 0.0

    def play(self) -> None:
        """One round's work: its time passes."""
        self._at += next(self._seconds)
