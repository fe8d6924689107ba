"""How `bench tune` shows itself: a live line in a terminal, plain lines elsewhere. All of it on standard error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Self, TextIO

from bench.cli.console import console_of
from bench.cli.live_bar import live_bar
from bench.cli.progress_text import cell_line, word_text
from bench.run.estimate import clock_time

if TYPE_CHECKING:
    from bench.analyse.stats.ratio import Ratio
    from bench.analyse.tune.result import AccuracyCheck
    from bench.analyse.tune.search import Rung
    from bench.host.profile import HostProfile
    from bench.results.record import Record
    from bench.run.job import Progress as Word
    from bench.run.plan import Planned
    from bench.run.tune.space import Space

__all__ = ["TuneDisplay"]


class TuneDisplay:
    """Tells of a search as it goes: see `bench.run.tune.request.TuneObserver`."""

    def __init__(self, stream: TextIO) -> None:
        self.console = console_of(stream)
        self._live = self.console.is_terminal
        self._candidates, self._budget = 0, 0.0
        self._bar = live_bar(self.console)
        self._task = self._bar.add_task("", total=None, what="", doing="TensorFlow starts")

    def __enter__(self) -> Self:
        if self._live:
            self._bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._live:
            self._bar.stop()

    def notice(self, text: str) -> None:
        """Something that the user should know."""
        self.console.print(f"note: {text}", style="yellow", markup=False)

    def begins(self, host: HostProfile, device: str, space: Space, known: int, budget: float) -> None:
        """The search begins."""
        self._candidates, self._budget = len(space.candidates), budget
        before = f" ({known} of them measured before)" if known else ""
        where = f"on {device}, results under {host.id}, within {clock_time(budget)}"
        self._say(f"{self._candidates} candidates{before} {where}")

    def rung_begins(self, number: int, names: Sequence[str], left: float) -> None:
        """Candidates are about to take turns with the baseline; rung 0 is the baseline by itself."""
        who = f"{len(names)} candidate{'s' if len(names) > 1 else ''} and the baseline, interleaved"
        self._doing(f"rung {number}: {who}" if names else "the baseline by itself", left)

    def rung_ends(self, rung: Rung, left: float) -> None:
        """A rung has ended: one line stays."""
        half = rung.ratio.margin * rung.ratio.value
        self._say(
            f"rung {rung.number}: best is {rung.best}, {rung.ratio.value:.2f} ± {half:.2f} times as fast as the "
            f"baseline; {len(rung.survive)} of {self._candidates} may still be the best"
        )
        self._doing("", left)

    def checking(self, candidate: str, steps: int) -> None:
        """The candidate and the baseline are about to be trained."""
        self._doing(f"does {candidate} learn as well? {steps} steps with each of several seeds", None)

    def checked(self, check: AccuracyCheck) -> None:
        """What became of that."""
        if check.refused:
            self._say(f"{check.candidate} surely learns worse: the next one is looked at")

    def confirming(self, candidate: str, left: float) -> None:
        """The best candidate is about to be measured again."""
        self._doing(f"measures {candidate} again, in fresh processes", left)

    def confirmed(self, rounds: int, ratio: Ratio | None) -> None:
        """That has had a round."""
        if ratio is not None:
            half = ratio.margin * ratio.value
            self._say(f"measured again, round {rounds}: {ratio.value:.3f} ± {half:.3f} times as fast")

    def cell_begins(self, planned: Planned) -> None:
        """A training begins."""
        self._bar.update(self._task, doing=planned.cell.id)

    def cell_says(self, word: Word) -> None:
        """A process has a word."""
        if word.epoch_steps is not None:
            self._bar.update(self._task, doing=word_text(word))

    def cell_ends(self, record: Record) -> None:
        """A process has ended: those that didn't end well stay."""
        if record.failure is not None:
            self.console.print(cell_line(record), style="red", markup=False)

    def _say(self, text: str) -> None:
        self.console.print(text, markup=False)

    def _doing(self, text: str, left: float | None) -> None:
        shown = f"{text}, about {clock_time(max(0.0, left))} left" if left is not None and text else text
        self._bar.update(self._task, what=shown, doing="")
        if left is not None:
            self._bar.update(self._task, total=self._budget, completed=max(0.0, self._budget - left))
        if text and not self._live:
            self._say(f"{text} …")
