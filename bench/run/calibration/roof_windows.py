"""The windows of a machine's roofs as they come in, and what they amount to."""

from __future__ import annotations

import time
from collections import defaultdict

from bench.host.measured import Peak, Roof
from bench.host.roofs import DATA_TYPES, Name, unit_of
from bench.instruments.sustained import Sustained, sustained
from bench.workload.roofs.plan import Began, Missing, RoofPlan, Timed

__all__ = ["RoofWindows"]


class RoofWindows:
    """What one process after another said of a few roofs that were measured by one plan."""

    def __init__(self, plan: RoofPlan) -> None:
        self._plan = plan
        self._began = time.monotonic()
        self._windows: defaultdict[Name, defaultdict[str, list[tuple[float, float]]]]
        self._windows = defaultdict(lambda: defaultdict(list))
        self._reasons: defaultdict[Name, list[str]] = defaultdict(list)
        self._rounds_began: float | None = None

    def add(self, word: Began | Timed | Missing) -> None:
        """Take a word of the process that measures."""
        match word:
            case Began(round=number) if number and self._rounds_began is None:
                self._rounds_began = time.monotonic()
            case Timed(name=name, of=of, work=work, seconds=seconds):
                self._windows[name][of].append((work, seconds))
            case Missing(name=name, reason=reason, of=None):
                self._windows.pop(name, None)
                self._reasons[name].append(reason)
            case Missing(name=name, reason=reason, of=of):
                self._windows[name].pop(str(of), None)
                self._reasons[name].append(f"{of}: {reason}")

    def seconds_left(self) -> float:
        """About how long this process will take yet."""
        plan, now = self._plan, time.monotonic()
        left = plan.seconds + plan.preparation_seconds - (now - self._began)
        return left if self._rounds_began is None else min(left, plan.seconds - (now - self._rounds_began))

    def found(self, name: Name, date: str) -> Peak | Roof | str | None:
        """The roof, or why there is none; None where its measurement was interrupted.

        Where several kinds of work can reach it, that of the fastest.
        """
        fastest: tuple[Sustained, str] | None = None
        for of, windows in self._windows[name].items():
            rate = sustained(windows) if len(windows) >= self._plan.fewest else None
            if rate is not None and (fastest is None or rate.rate > fastest[0].rate):
                fastest = rate, of
        if fastest is not None:
            return _roof(name, *fastest, date)
        return "; ".join(self._reasons[name]) or None


def _roof(name: Name, found: Sustained, of: str, date: str) -> Peak | Roof:
    if name in DATA_TYPES:
        return Peak(flops_per_second=found.rate, low=found.low, high=found.high, date=date, reached_by=of)
    if unit_of(name) == "s":
        return Roof(value=1 / found.rate, low=1 / found.high, high=1 / found.low, date=date, of=of)
    return Roof(value=found.rate, low=found.low, high=found.high, date=date, of=of)
