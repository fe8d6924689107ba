"""How an interleaved measurement shows itself: a live line in a terminal, a plain line a round elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Self, TextIO

from bench.cli.console import console_of
from bench.cli.live_bar import live_bar

if TYPE_CHECKING:
    from bench.analyse.stats.ratio import Ratio
    from bench.results.pair import Pair
    from bench.run.job import Progress as Word

__all__ = ["RoundsDisplay"]


class RoundsDisplay:
    """Tells of rounds as they go, on standard error: see `bench.run.interleaved.option_pairs.OptionObserver`.

    `before` is called before the first word, for another display to make room; `each`: a line for every round too.
    """

    def __init__(self, stream: TextIO, before: Callable[[], None] = lambda: None, each: bool = True) -> None:
        self._before, self._shown = before, False
        self.each = each
        self.console = console_of(stream)
        self._live = self.console.is_terminal
        self._rounds = 0
        self._bar = live_bar(self.console)
        self._task = self._bar.add_task("", total=None, what="", doing="")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._shown and self._live:
            self._bar.stop()

    def notice(self, text: str) -> None:
        """Something that the user should know."""
        self.console.print(f"note: {text}", style="yellow", markup=False)

    def say(self, text: str) -> None:
        """A line that stays."""
        self.console.print(text, markup=False)

    def doing(self, text: str) -> None:
        """What is at work just now, beside rounds."""
        self._show()
        self._bar.update(self._task, what="", doing=text)
        if not self._live:
            self.say(text)

    def pair_begins(self, what: str, rounds: int) -> None:
        """Another pair, of at most so many rounds."""
        self._show()
        self._rounds = rounds
        self._bar.update(self._task, what=what, total=rounds, completed=0, doing="starts")
        if not self._live:
            self.say(what)

    def pair_ends(self, pair: Pair) -> None:
        """A pair has ended: one line stays."""
        from bench.report.options.pair_table import pair_answer

        self.say(pair_answer(pair))

    def round_begins(self, number: int) -> None:
        """A round begins, from 1."""
        self._bar.update(self._task, doing=f"round {number} of at most {self._rounds}")

    def cell_says(self, cell: str, word: Word) -> None:
        """One of the two speaks while it warms up."""
        if word.step_seconds is None:
            self._bar.update(self._task, doing=f"{cell}: {word.stage}")

    def round_ends(self, number: int, ratio: Ratio | None) -> None:
        """A round has ended; `ratio` is of all rounds so far."""
        self._bar.update(self._task, completed=number)
        if self.each and not self._live and ratio is not None:
            half = ratio.margin * ratio.value
            self.say(f"  round {number} of at most {self._rounds}: {ratio.value:.3f} ± {half:.3f} times as fast")

    def _show(self) -> None:
        if not self._shown:
            self._before()
            if self._live:
                self._bar.start()
            self._shown = True
