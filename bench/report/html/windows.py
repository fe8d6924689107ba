"""A run's windows by process, as short as JSON has them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from bench.results.metrics import METRICS
from bench.results.record import Record
from bench.results.window_stats import impossible

__all__ = ["processes"]

_DIGITS = 4
_STEP = METRICS["step_seconds"]


def processes(attempt: Sequence[Record]) -> list[dict[str, Any]]:
    """Each record of one run of a cell, in the order of its rounds: its place there, its state and its windows."""
    return [_process(record) for record in sorted(attempt, key=_order)]


def _process(record: Record) -> dict[str, Any]:
    turns = record.turns
    steps, times = _windows(record)
    return {
        "round": turns.round if turns else 1,
        "group": turns.group if turns else 1,
        "place": turns.place if turns else 1,
        "started": record.started,
        "status": record.status,
        "shown": _STEP.show(record, unit=False),
        "steps": steps,
        "times": times,
        "out": _left_out(record),
    }


def _windows(record: Record) -> tuple[int | list[int], list[float]]:
    """Steps of the windows, once where all have as many, and the time of a step in each as people see it."""
    windows = record.windows
    if not windows or impossible(windows):
        return 0, []
    counts = {steps for steps, _ in windows}
    scale = _STEP.scale
    first = windows[0].seconds / windows[0].steps * scale
    digits = _DIGITS - math.floor(math.log10(first))
    times = [round(seconds / steps * scale, digits) for steps, seconds in windows]
    return counts.pop() if len(counts) == 1 else [steps for steps, _ in windows], times


def _left_out(record: Record) -> list[int]:
    """Places of the windows that no figure is computed from."""
    gone = record.left_out
    length = record.turns.length if record.turns is not None else 1
    return [place for place in range(len(record.windows)) if place // length in gone] if gone else []


def _order(record: Record) -> tuple[int, int, str]:
    turns = record.turns
    return (turns.round, turns.group, record.started) if turns else (0, 0, record.started)
