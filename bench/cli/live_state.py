"""What the live page says of a run above its results."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bench.support.plain_text import plain_text

__all__ = ["LivePart", "LiveState"]

_MOST_NOTES = 5


@dataclass
class LivePart:
    """What is known of one machine's part of a run by now; `left` is in seconds. It may have several, one after the
    other, where it takes over what another had left."""

    about: str = ""
    now: str = ""
    left: float | None = None
    at_work: int = 0
    since: float = 0.0
    done: dict[str, bool] = field(default_factory=dict)
    """By a cell's id whether it went well."""
    _cells: int = 0
    _stands: Counter[str] = field(default_factory=Counter)
    _earlier: list[bool] = field(default_factory=list)
    _stood: Counter[str] = field(default_factory=Counter)

    @property
    def cells(self) -> int:
        """All of its cells."""
        return len(self._earlier) + self._cells

    @property
    def ended(self) -> list[bool]:
        """Of each cell that has ended whether it went well."""
        return [*self._earlier, *self.done.values()]

    @property
    def verdicts(self) -> Counter[str]:
        """How many cells have which verdict."""
        return self._stood + self._stands

    def begins(self, about: str, cells: int) -> None:
        """The part begins, of so many cells; it was over before, or is another's that goes on here."""
        self._earlier += self.done.values()
        self._stood += self._stands
        self.done, self._stands = {}, Counter()
        self.about, self._cells = about, cells

    def works(self, now: str, cells: int, left: float | None) -> None:
        """Something begins, which measures so many cells that nothing is known of yet."""
        self.now, self.at_work, self.left, self.since = now, cells, left, time.time()

    def ends(self, cell: str, *, well: bool) -> None:
        """A cell has ended, by itself or for the first time in its rounds."""
        self.done[cell] = well
        self.at_work = max(0, self.at_work - 1)

    def stands(self, verdicts: Counter[str]) -> None:
        """So it stands by now."""
        self._stands = verdicts

    def over(self) -> None:
        """All of it has ended."""
        self.now, self.at_work, self.left = "", 0, None

    def moved(self) -> None:
        """What is left of it is another's part from now on, with all verdicts on it."""
        self._cells, self._stands = len(self.done), Counter()


@dataclass
class LiveState:
    """What is known of a run by now, by its parts: one for each node of a cluster, else one without a name.

    >>> state = LiveState()
    >>> state.part("").begins("2 cells on a CPU", 2)
    >>> state.told()["lead"]
    '0 of 2 cells are measured, 2 wait.'
    """

    end: str = ""
    parts: dict[str, LivePart] = field(default_factory=dict)
    notes: deque[str] = field(default_factory=lambda: deque(maxlen=_MOST_NOTES))

    def part(self, name: str) -> LivePart:
        """The part of this name."""
        return self.parts.setdefault(name, LivePart())

    def told(self) -> dict[str, Any]:
        """As the page shows it; times are in seconds since 1970, for it knows the reader's own clock."""
        running = [] if self.end else [part for part in self.parts.values() if part.now]
        ends = [time.time() + part.left for part in running if part.left is not None]
        return {
            "lead": plain_text(self._lead()),
            "cells": self._cells,
            "done": sum(len(part.ended) for part in self.parts.values()),
            "now": plain_text("; ".join(self._of_each("now"))) if running else "",
            "since": min((part.since for part in running), default=0.0),
            "ends": max(ends, default=None),
            "notes": [plain_text(note) for note in (*self._of_each("about"), *self.notes)],
            "over": bool(self.end),
        }

    @property
    def _cells(self) -> int:
        return sum(part.cells for part in self.parts.values())

    def _of_each(self, what: str) -> Iterator[str]:
        for name, part in self.parts.items():
            if said := getattr(part, what):
                yield f"{name}: {said}" if name else said

    def _lead(self) -> str:
        if not self._cells and not self.end:
            return "TensorFlow starts."
        parts = self.parts.values()
        done = [well for part in parts for well in part.ended]
        failed, at_work = done.count(False), sum(part.at_work for part in parts)
        waiting = sum(max(0, part.cells - len(part.ended) - part.at_work) for part in parts)
        counts = [
            f"{len(done) - failed} of {self._cells} cell{' is' if self._cells == 1 else 's are'} measured",
            f"{failed} failed or were skipped" if failed else "",
            f"{at_work} at work" if at_work and not self.end else "",
            f"{waiting} wait{'s' if waiting == 1 else ''}" if waiting else "",
        ]
        verdicts = sum((part.verdicts for part in parts), Counter())
        stands = ", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items()))
        said = f"{', '.join(filter(None, counts))}{f'; {stands}' if stands else ''}."
        return f"{self.end} {said}" if self.end else said
