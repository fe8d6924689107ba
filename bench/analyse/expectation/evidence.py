"""One ground for expecting a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Evidence", "Source"]

Source = Literal["score", "card", "roofs"]


@dataclass(frozen=True)
class Evidence:
    """A step's seconds lie above `low` and below `high`, most likely at `middle`; None where this ground doesn't say.

    Where both ends are told, so is the middle. `rests_on` says in words what the figures come from.
    """

    source: Source
    low: float | None
    middle: float | None
    high: float | None
    rests_on: str

    @property
    def name(self) -> str:
        """What people call it."""
        return "AI-Score" if self.source == "score" else self.source
