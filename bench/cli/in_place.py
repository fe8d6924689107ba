"""An output of a notebook's cell that what is shown next replaces."""

from __future__ import annotations

import time
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any

from bench.cli.progress_text import word_text
from bench.run.job import Progress

if TYPE_CHECKING:
    from bench.instruments.stats import Estimate

__all__ = ["InPlace", "StepsInPlace"]

SECONDS_BETWEEN = 0.5
"""What the front end draws more often nobody reads, and each message takes time from what this process measures."""


class InPlace:
    """One output, of HTML and of text for front ends without it. Wants an IPython kernel in this process.

    What comes sooner than SECONDS_BETWEEN after the last is held back until it is `flush`ed, or replaced.
    """

    def __init__(self) -> None:
        from IPython.display import DisplayHandle

        self._handle: Any = DisplayHandle()
        self._shown: float | None = None
        self._held: Callable[[], tuple[str, str]] | None = None

    def show(self, content: Callable[[], tuple[str, str]]) -> None:
        """Replace what is there by HTML and text, now or soon; they are made only if they are shown."""
        self._held = content
        if self._shown is None or time.monotonic() - self._shown >= SECONDS_BETWEEN:
            self.flush()

    def flush(self) -> None:
        """Show what was held back."""
        if self._held is None:
            return
        html, text = self._held()
        send = self._handle.display if self._shown is None else self._handle.update
        send({"text/html": html, "text/plain": text}, raw=True)
        self._held, self._shown = None, time.monotonic()


class StepsInPlace:
    """Tells of a live model's measurement as it goes, in one line; `heard` is what a step clock calls."""

    def __init__(self, name: str) -> None:
        self._name, self._place = name, InPlace()

    def heard(self, stage: str, figure: Estimate | None) -> None:
        """A stage has begun, or another window has ended."""
        word = Progress(stage) if figure is None else Progress(stage, figure.step_seconds, figure.margin)
        text = f"{self._name}: {word_text(word)}"
        self._place.show(lambda: (f"<div>{escape(text)}</div>", text))

    def flush(self) -> None:
        """Show the last of it."""
        self._place.flush()
