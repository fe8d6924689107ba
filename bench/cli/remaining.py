"""How much longer a run will take."""

from __future__ import annotations

import time
from collections.abc import Mapping

from bench.run.estimate import clock_time

__all__ = ["Remaining"]


class Remaining:
    """By what the cells that are left should take, until rounds tell what is left of their time."""

    def __init__(self) -> None:
        self._waiting: dict[str, float] = {}
        self._began = time.monotonic()
        self._ends: float | None = None

    @property
    def expected(self) -> float:
        """Seconds that the cells left should take, by their estimates."""
        return sum(self._waiting.values())

    def expect(self, seconds: Mapping[str, float]) -> None:
        """The seconds of each cell, by its id."""
        self._waiting = dict(seconds)

    def begins(self) -> None:
        """A cell, or a round, begins."""
        self._began = time.monotonic()

    def ends(self, cell: str) -> None:
        """A cell has ended."""
        self._waiting.pop(cell, None)

    def rounds_end_in(self, seconds: float) -> None:
        """So much is left for rounds."""
        self._ends = time.monotonic() + seconds

    @property
    def seconds(self) -> float:
        """So many are left by now."""
        ends = self._ends if self._ends is not None else self._began + self.expected
        return max(0.0, ends - time.monotonic())

    def __str__(self) -> str:
        return f"about {clock_time(self.seconds)} left"
