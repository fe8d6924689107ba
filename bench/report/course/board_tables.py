"""Rankings, grades and the class's own table of the handout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from bench.analyse.course.board import Board, Graded, Ranked
from bench.analyse.course.medians import ClassTable, ClassTime
from bench.analyse.course.one_team import SPEEDUP, Entry
from bench.analyse.expectation.handout import INPUT_SHAPE
from bench.report.core.footnotes import Footnotes
from bench.report.core.row_names import network_label
from bench.report.core.table import Heading, Note, Table
from bench.report.export.frame import Column, Frame, framed
from bench.report.planning.amounts import amount_text
from bench.results.metric import ABSENT, significant
from bench.results.metrics import METRICS

__all__ = ["board_json", "class_table_of", "gradebook", "grades_table", "rank_text", "ranking_table"]

Names = Mapping[str, str]
"""What a team is called on the board, by its own name."""


def ranking_table(found: Ranked, names: Names, labels: Mapping[str, str]) -> Table:
    """The entries in their order; `labels` are the hosts'."""
    letters = Footnotes()
    group = f", {labels.get(found.group, found.group)}" if found.group else ""
    columns = [Heading("rank", "right"), Heading("team"), Heading(_heading(found.metric), "right"), Heading("cell")]
    if not found.group:
        columns.append(Heading("host"))
    rows = []
    for one in found.entries:
        row = [rank_text(one, found.entries), names[one.team], _figure(one, found.metric, letters), one.cell or ABSENT]
        rows.append((*row, labels.get(one.host, one.host) or ABSENT) if not found.group else tuple(row))
    return Table(
        title=f"{found.title}{group}",
        columns=tuple(columns),
        rows=tuple(rows),
        notes=(
            Note("rank: 1 and the number of teams that are surely better, whatever the number of teams; =: shared"),
            Note("in brackets: 95 % interval, where there is one; without it a figure counts as exact"),
            *letters.notes(),
        ),
    )


def rank_text(one: Entry, entries: Sequence[Entry]) -> str:
    """`2`, or `2 =` where others have that rank too."""
    if one.rank is None:
        return ABSENT
    shared = sum(other.rank == one.rank for other in entries) > 1
    return f"{one.rank} =" if shared else str(one.rank)


def grades_table(found: Board, names: Names) -> Table:
    """A row a team, a column a grade."""
    letters = Footnotes()
    titles = list(dict.fromkeys(one.title for one in found.grades))
    given = {(one.team, one.title): one for one in found.grades}
    rows = [
        (names[team], *(_grade(given.get((team, title)), letters) for title in titles))
        for team in sorted(found.teams, key=names.__getitem__)
    ]
    columns = (Heading("team"), *(Heading(title, "right") for title in titles))
    return Table("Grades", columns, tuple(rows), letters.notes())


def gradebook(found: Board) -> Frame:
    """The same with the teams' own names, and their ranks, for a spreadsheet or a course's own system."""
    titles = list(dict.fromkeys(one.title for one in found.grades))
    given = {(one.team, one.title): one.grade for one in found.grades}
    ranked = [(f"rank: {one.title}{f' ({one.group})' if one.group else ''}", one) for one in found.rankings]
    places = [{entry.team: entry.rank for entry in one.entries} for _, one in ranked]
    rows = [
        (team, *(given.get((team, title)) for title in titles), *(place.get(team) for place in places))
        for team in sorted(found.teams)
    ]
    columns = (
        Column("team", "text"),
        *(Column(title, "number") for title in titles),
        *(Column(title, "integer") for title, _ in ranked),
    )
    return framed(columns, rows)


def class_table_of(found: ClassTable, labels: Mapping[str, str], scores: Mapping[str, int]) -> Table:
    """The handout's table as the handout prints it: medians over the teams by card, with their spread, and the hosts'
    AI-`scores`."""
    batches = " or ".join(str(size) for size in dict.fromkeys(batch for _, batch, _ in found.cells))
    heading = f"{METRICS['step_seconds'].heading}, batch {batches}, {'×'.join(map(str, INPUT_SHAPE))}"
    rows = tuple(
        (
            f"{network_label(model)}, {params:,} trainable",
            *(_class_time(found.times.get(((model, batch, params), host))) for host in found.hosts),
        )
        for model, batch, params in found.cells
    )
    if any(host in scores for host in found.hosts):
        rows += (("AI-Score", *(f"{scores[host]:,}" if host in scores else ABSENT for host in found.hosts)),)
    counts = [
        f"{labels.get(host, host)}: {_teams(max(time.teams for (_, of), time in found.times.items() if of == host))}"
        for host in found.hosts
    ]
    return Table(
        "The handout's table, of this class",
        (Heading(heading), *(Heading(labels.get(host, host), "right") for host in found.hosts)),
        rows,
        (
            Note("the median over teams, and in brackets the middle half of them, or of fewer than four all"),
            Note(f"teams: {'; '.join(counts)}"),
        ),
    )


def board_json(found: Board, classes: ClassTable, names: Names) -> dict[str, Any]:
    """All of it for programs, with the teams as they are called on the board."""
    return {
        "teams": sorted(names[team] for team in found.teams),
        "rankings": [
            {"title": one.title, "metric": one.metric, "group": one.group or None}
            | {"entries": [asdict(entry) | {"team": names[entry.team]} for entry in one.entries]}
            for one in found.rankings
        ],
        "grades": [asdict(one) | {"team": names[one.team]} for one in found.grades],
        "handout": [
            {"model": model, "batch_size": batch, "trainable_params": params, "host": host} | asdict(time)
            for ((model, batch, params), host), time in classes.times.items()
        ],
    }


def _heading(metric: str) -> str:
    return "times as fast" if metric == SPEEDUP else METRICS[metric].heading


def _figure(one: Entry, metric: str, letters: Footnotes) -> str:
    if one.value is None:
        return f"{ABSENT} ({letters.marks([one.absent or 'not known'])})"
    return amount_text(one.value, 1.0 if metric == SPEEDUP else METRICS[metric].scale)


def _grade(one: Graded | None, letters: Footnotes) -> str:
    if one is None or one.grade is None:
        return f"{ABSENT} ({letters.marks([one.absent or 'not known'])})" if one is not None else ABSENT
    return f"{one.grade:g}"


def _class_time(time: ClassTime | None) -> str:
    if time is None:
        return ABSENT
    middle, low, high = map(significant, (time.step_ms, time.low, time.high))
    return f"{middle} ({low}–{high})" if time.teams > 1 else middle


def _teams(count: int) -> str:
    return f"{count} team{'s' * (count != 1)}"
