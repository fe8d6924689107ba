"""How a run shows itself in the notebook whose kernel it was called in: one output, updated in place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Self

from bench.cli.in_place import InPlace
from bench.cli.progress_text import begins_text, cell_line, word_text
from bench.cli.remaining import Remaining
from bench.host.profile import HostProfile
from bench.report.core import html, monospaced
from bench.report.core.table import Table
from bench.report.suite.brief_table import brief_table
from bench.results.record import Record
from bench.run.estimate import Estimator

if TYPE_CHECKING:
    from bench.analyse.speedup.standings import Standing
    from bench.results.query import Identity
    from bench.run.job import Progress
    from bench.run.plan import Planned

__all__ = ["NotebookDisplay"]


class NotebookDisplay:
    """Tells of a run as it goes: see `bench.run.run_suite.Observer`, and `bench.cli.progress.Display` for `before`.

    What was known as the run ended, or was interrupted, stays.
    """

    def __init__(self, before: Callable[[HostProfile], Estimator]) -> None:
        self._before = before
        self._place = InPlace()
        self.left = Remaining()
        self._said: list[str] = []
        self._lines: dict[str, str] = {}
        self._failed: set[str] = set()
        self._table: Table | None = None
        self._cells = 0
        self._cell, self._doing = "", "TensorFlow starts"

    def __enter__(self) -> Self:
        self._show()
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        self._cell, self._doing = "", "ended early" if kind is not None else ""
        self._show()
        self._place.flush()

    def notice(self, text: str) -> None:
        """Something that the user should know."""
        self._said.append(f"note: {text}")
        self._show()

    def begins(self, host: HostProfile, device: str, cells: Sequence[Planned], resumed: int) -> None:
        """The run begins."""
        self._cells = len(cells)
        estimator = self._before(host)
        self.left.expect({one.cell.id: 0.0 if one.skip else estimator.seconds(one) for one in cells})
        self._said.append(begins_text(host, device, cells, resumed, self.left.expected))
        self._show()

    def cell_begins(self, planned: Planned) -> None:
        """A cell begins."""
        self.left.begins()
        self._cell, self._doing = planned.cell.id, "starts"
        self._show()

    def cell_says(self, word: Progress) -> None:
        """The running cell has a word."""
        self._doing = word_text(word)
        self._show()

    def cell_ends(self, record: Record) -> None:
        """A cell has ended."""
        if record.ok and not record.whole:  # another process of a cell that was told of
            return
        self.left.ends(record.cell)
        self._lines[record.cell] = cell_line(record)
        if not record.ok:
            self._failed.add(record.cell)
        self._show()

    def turns_begin(self, number: int, cells: Sequence[Planned]) -> None:
        """Cells are about to take turns, in the round of this number."""
        self.left.begins()
        count = len(cells)
        self._cell, self._doing = f"round {number}: {count} cell{'' if count == 1 else 's'}, interleaved", "starts"
        self._show()

    def stands(self, records: Sequence[Record], standing: Mapping[Identity, Standing], left: float) -> None:
        """A group has had its turns: what is known by now, and the seconds that are left."""
        self.left.rounds_end_in(left)
        self._table = brief_table(records, standing)
        self._show()

    def _show(self) -> None:
        self._place.show(self._content)

    def _content(self) -> tuple[str, str]:
        """As HTML and as text."""
        tabled = {row[0] for row in self._table.rows} if self._table is not None else set()
        # the table says of a cell that it failed, its line says why
        lines = [line for cell, line in self._lines.items() if cell not in tabled or cell in self._failed]
        done = f"{len(self._lines)}/{self._cells}" if self._cells else ""
        left = str(self.left) if self._cell else ""
        going = "  ".join(filter(None, (done, self._cell, self._doing, left)))
        bar = f'<progress value="{len(self._lines)}" max="{max(1, self._cells)}"></progress> {escape(going)}'
        divisions = [*map(escape, (*self._said, *lines))]
        texts = [*self._said, *lines]
        if self._table is not None:
            divisions.append(html.render(self._table))
            texts.append(monospaced.render(self._table))
        return "".join(f"<div>{part}</div>" for part in (*divisions, bar)), "\n".join((*texts, going))
