"""What the live page says of a run above its results."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from bench.support.plain_text import plain_text

__all__ = ["LiveState"]

_MOST_NOTES = 5


@dataclass
class LiveState:
    """What is known of a run by now; `left` is in seconds.

    >>> state = LiveState()
    >>> state.begins("2 cells on a CPU", 2)
    >>> state.told()["lead"]
    '0 of 2 cells are measured, 2 wait.'
    """

    about: str = "TensorFlow starts."
    cells: int = 0
    now: str = ""
    stands: str = ""
    left: float | None = None
    end: str = ""
    done: dict[str, bool] = field(default_factory=dict)
    """By a cell's id whether it went well."""
    notes: deque[str] = field(default_factory=lambda: deque(maxlen=_MOST_NOTES))
    _at_work: int = 0
    _since: float = 0.0

    def begins(self, about: str, cells: int) -> None:
        """The run begins."""
        self.about, self.cells = about, cells

    def works(self, now: str, cells: int, left: float | None) -> None:
        """Something begins, which measures so many cells that nothing is known of yet."""
        self.now, self._at_work, self.left, self._since = now, cells, left, time.time()

    def ends(self, cell: str, *, well: bool) -> None:
        """A cell has ended, by itself or for the first time in its rounds."""
        self.done[cell] = well
        self._at_work = max(0, self._at_work - 1)

    def told(self) -> dict[str, Any]:
        """As the page shows it; times are in seconds since 1970, for it knows the reader's own clock."""
        running = bool(self.now) and not self.end
        return {
            "lead": plain_text(self._lead()),
            "cells": self.cells,
            "done": len(self.done),
            "now": plain_text(self.now) if running else "",
            "since": self._since,
            "ends": time.time() + self.left if running and self.left is not None else None,
            "notes": [plain_text(note) for note in (*([self.about] if self.cells else ()), *self.notes)],
            "over": bool(self.end),
        }

    def _lead(self) -> str:
        if not self.cells and not self.end:
            return self.about
        failed = sum(not well for well in self.done.values())
        waiting = max(0, self.cells - len(self.done) - self._at_work)
        counts = [
            f"{len(self.done) - failed} of {self.cells} cell{' is' if self.cells == 1 else 's are'} measured",
            f"{failed} failed or were skipped" if failed else "",
            f"{self._at_work} at work" if self._at_work and not self.end else "",
            f"{waiting} wait{'s' if waiting == 1 else ''}" if waiting else "",
        ]
        said = f"{', '.join(filter(None, counts))}{f'; {self.stands}' if self.stands else ''}."
        return f"{self.end} {said}" if self.end else said
