"""The board as a folder of pages: one of all teams, one a team, and the same as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.analyse.course.board import Board
from bench.analyse.course.medians import ClassTable
from bench.analyse.course.one_team import SPEEDUP
from bench.analyse.course.rulings import Ruling
from bench.analyse.planning.amount import Amount
from bench.report.core.markdown import render
from bench.report.core.table import Heading, Table
from bench.report.course.board_tables import Names, class_table_of, grades_table, rank_text, ranking_table
from bench.report.course.rulings_table import rulings_table
from bench.report.html.plain_page import plain_page
from bench.report.planning.amounts import amount_text
from bench.results.metric import ABSENT
from bench.results.metrics import METRICS
from bench.results.safe_paths import plain
from bench.suite.cells import Suite
from bench.support.files import write_whole

__all__ = ["Published", "board_text", "write_pages"]


@dataclass(frozen=True)
class Published:
    """All that is shown: a suite's board, the class's table, teams' rulings, what teams and hosts are called,
    and the hosts' AI-Scores."""

    suite: Suite
    board: Board
    classes: ClassTable
    rulings: Mapping[str, Sequence[Ruling]]
    names: Names
    labels: Mapping[str, str]
    scores: Mapping[str, int]

    @property
    def title(self) -> str:
        return self.suite.title or self.suite.name

    def tables(self) -> Iterator[Table]:
        """Those of all teams."""
        for one in self.board.rankings:
            yield ranking_table(one, self.names, self.labels)
        if self.board.grades:
            yield grades_table(self.board, self.names)
        if self.classes.hosts:
            yield class_table_of(self.classes, self.labels, self.scores)

    def of_team(self, team: str) -> Iterator[Table]:
        """Where it stands and what it gets, then each rule on each of its cells."""
        rows = [
            (
                one.title,
                self.labels.get(one.group, one.group),
                rank_text(entry, one.entries),
                _shown(entry.value, one.metric),
                entry.cell or entry.absent or "",
            )
            for one in self.board.rankings
            for entry in one.entries
            if entry.team == team
        ]
        if rows:
            columns = (Heading("ranking"), Heading("host"), Heading("rank", "right"), Heading("figure", "right"))
            yield Table("Ranks", (*columns, Heading("cell")), tuple(rows))
        grades = [one for one in self.board.grades if one.team == team]
        if grades:
            given = tuple(
                (one.title, ABSENT if one.grade is None else f"{one.grade:g}", one.cell or one.absent or "")
                for one in grades
            )
            yield Table("Grades", (Heading("grade"), Heading("", "right"), Heading("by")), given)
        if self.rulings[team]:
            yield rulings_table("Rules", self.rulings[team])


def board_text(found: Published) -> str:
    """All tables of all teams as Markdown."""
    return "\n".join((f"# {found.title}\n", *map(render, found.tables())))


def write_pages(found: Published, folder: Path) -> tuple[Path, ...]:
    """Write index.html, a page for each team and board.md into `folder`, each whole or not at all. Raises OSError."""
    files = {found.names[team]: f"team-{plain(found.names[team])}.html" for team in found.board.teams}
    pages = {
        Path("index.html"): plain_page(found.title, list(found.tables()), dict(sorted(files.items()))),
        Path("board.md"): board_text(found),
    }
    for team in found.board.teams:
        name = found.names[team]
        title = f"{found.title}: team {name}"
        pages[Path(files[name])] = plain_page(title, list(found.of_team(team)), {}, back="index.html")
    for file, text in pages.items():
        write_whole(folder / file, text, sync=False)
    return tuple(folder / file for file in pages)


def _shown(value: Amount | None, metric: str) -> str:
    if value is None:
        return ABSENT
    if metric == SPEEDUP:
        return f"{amount_text(value)} times as fast"
    return f"{amount_text(value, METRICS[metric].scale)} {METRICS[metric].unit}".rstrip()
