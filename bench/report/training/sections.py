"""What a report holds of a suite that was trained to accuracy: its tables, each with the figure that belongs to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from bench.analyse.stats.spread import Spread
from bench.analyse.training.before_after import beside_baselines
from bench.analyse.training.effects import Effect, effects
from bench.analyse.training.seeds import Repeats
from bench.report.core.notes import titled
from bench.report.core.section import Drawing, Section, figures_of
from bench.report.training.before_after_table import before_after_tables
from bench.report.training.curve_plot import curves_note, draw_curve, with_curves
from bench.report.training.effects_plot import draw_effects
from bench.report.training.effects_table import effects_table
from bench.report.training.epochs_table import epoch_table
from bench.report.training.table import trained_cells, training_table
from bench.report.training.tradeoff_plot import draw_tradeoff
from bench.results.query import Group
from bench.results.record import Record
from bench.results.safe_paths import plain

__all__ = ["TrainingSections"]


@dataclass(frozen=True)
class TrainingSections:
    """Those of the newest records of one suite's cells, from the host of this label and spread; none where nothing was
    trained."""

    records: Sequence[Record]
    host: str
    spread: Spread

    @cached_property
    def _cells(self) -> tuple[Repeats, ...]:
        return trained_cells(self.records)

    @property
    def whole(self) -> tuple[Section, ...]:
        """Training, each variant beside the baseline, and what each setting does."""
        cells = self._cells
        if not cells:
            return ()
        table = training_table(cells, self.host, curves_note(cells))
        found = [
            Section("training", table, 3, self._drawing("tradeoff", lambda path: draw_tradeoff(cells, self.host, path)))
        ]
        beside = beside_baselines(cells, {self.records[0].host: self.spread})
        found += [Section("before-after", one, 3) for one in before_after_tables(beside, self.host)]
        every = effects(self.records)
        if (told := effects_table(every, self.host)) is not None:
            found.append(Section("effects", told, 3, self._drawing("effects", self._draw_effects(every)), detail=True))
        return tuple(found)

    @property
    def curves(self) -> tuple[Section, ...]:
        """The epochs of single cells."""
        return tuple(self._curve(cell) for cell in with_curves(self._cells))

    @property
    def _folder(self) -> PurePosixPath:
        first = self.records[0]
        return figures_of(Group(first.host, first.suite, first.team))

    def _draw_effects(self, every: Sequence[Effect]) -> Callable[[Path], bool]:
        return lambda path: draw_effects(every, titled(self.records, self.host), path)

    def _drawing(self, what: str, draw: Callable[[Path], bool]) -> Drawing:
        record = self.records[0]
        return Drawing(self._folder / f"{plain(record.suite)}-{what}.png", draw)

    def _curve(self, cell: Repeats) -> Section:
        first = cell.first
        place = self._folder / plain(first.suite) / f"{plain(cell.name)}.png"
        drawing = Drawing(place, lambda path: draw_curve(cell, self.host, path))
        return Section("curves", epoch_table(cell, self.spread), 3, drawing, detail=True)
