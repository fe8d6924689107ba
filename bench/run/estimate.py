"""How long cells will take, from what they took before."""

from __future__ import annotations

from collections.abc import Iterable

from bench.results.record import Record
from bench.suite.spec import Cell

__all__ = ["Estimator", "clock_time"]

START_SECONDS = 5.0
"""A cell's start, model and tracing, where nothing is known of it."""
EPOCH_SECONDS = 5.0
"""An epoch, where nothing is known."""
ATTRIBUTION_SECONDS = 8.0
"""A cell's three loops, beside two more first steps, where nothing is known of them."""

ROUNDS = 6
"""Rounds of two cells that take turns, where they are steady: each starts and warms up both anew."""
MEASURED_SECONDS = 3.0
"""The windows of one of them in a round."""
_STARTING = ("start", "data", "model", "first step", "warm-up")


class Estimator:
    """Seconds that cells will take: what the last good record of the same cell says, else what its protocol allows.

    `records` are one host's, in the order in which they were kept.
    """

    def __init__(self, records: Iterable[Record]) -> None:
        self._before: dict[tuple[str, str], float] = {}
        self._attribution: dict[tuple[str, str], float] = {}
        self._start: dict[tuple[str, str], float] = {}
        for record in records:
            seconds = record.values.get("seconds")
            if record.ok and seconds is not None:
                key, attribution = (record.suite, record.cell), record.stages.get("attribution", 0.0)
                self._before[key] = seconds - attribution
                self._start[key] = sum(record.stages.get(stage, 0.0) for stage in _STARTING)
                again = 2 * (record.values.get("first_step_seconds") or 0.0)
                self._attribution[key] = attribution or ATTRIBUTION_SECONDS + again

    def knows(self, cell: Cell) -> bool:
        """Was this cell measured here before?"""
        return (cell.suite, cell.id) in self._before

    def pair_seconds(self, a: Cell, b: Cell) -> float:
        """Seconds that `a` and `b` will take in turns, if each is as steady as most."""
        return ROUNDS * sum(self._start.get((c.suite, c.id), START_SECONDS) + MEASURED_SECONDS for c in (a, b))

    def seconds(self, cell: Cell) -> float:
        """Seconds that `cell` will take."""
        if self.knows(cell):
            key = cell.suite, cell.id
            return self._before[key] + (self._attribution[key] if cell.attribute else 0.0)
        epochs = cell.train.epochs if cell.train else 0
        attribution = ATTRIBUTION_SECONDS if cell.attribute else 0.0
        measuring = cell.protocol.warmup_seconds + cell.protocol.max_seconds
        return START_SECONDS + measuring + EPOCH_SECONDS * epochs + attribution


def clock_time(seconds: float) -> str:
    """`40 s`, `6 min`, `2 h 05 min`: as exact as an estimate deserves.

    >>> clock_time(7500)
    '2 h 05 min'
    """
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"
