"""`bench board`: the teams of a course, ranked and graded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.options import AsJson, Root

if TYPE_CHECKING:
    from bench.analyse.course.medians import TeamTimes
    from bench.analyse.course.one_team import TeamResult
    from bench.report.course.pages import Published
    from bench.results.record import Record

__all__ = ["board"]


def board(
    suite: Annotated[
        Path, typer.Argument(help="The suite's YAML file, whose `course:` says what is ranked and graded.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Write pages there: index.html, one for each team, and board.md.", file_okay=False
        ),
    ] = None,
    as_csv: Annotated[
        str | None, typer.Option("--csv", metavar="FILE", help="Write the gradebook there, by real names; - prints it.")
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(
            "--pseudonyms",
            metavar="KEY.csv",
            help="Call teams by the pseudonyms of this file; those that it lacks are added to it.",
            dir_okay=False,
        ),
    ] = None,
    root: Root = Path(),
    as_json: AsJson = False,
) -> None:
    """Rank the teams of a course by what its suite's `course:` section asks for, and grade them by its formulas.

    Every team whose results lie in the tree counts, with the newest record of each of its cells, and of these with the
    best one that keeps the course's rules. Ranks that can't be told apart are shared. The handout's table of the class
    has the medians over teams. Nothing is run. Pages and --json call teams by their pseudonyms where there are any; the
    gradebook never does. Exit status 1: a file could not be written.
    """
    from bench.cli.common import end_at_once, working_tree
    from bench.errors import Fault, InputError
    from bench.support.gc_paused import gc_paused

    if as_json and as_csv == "-":
        raise InputError(Fault("--json and --csv - are two forms of the same", "one of them at a time"))
    end_at_once()
    tree = working_tree(root)
    with gc_paused():
        found = _published(suite, tree, key)
    _write(found, out, as_csv)
    if as_json:
        from pydantic_core import to_json

        from bench.report.course.board_tables import board_json

        told = {"suite": found.suite.name} | board_json(found.board, found.classes, found.names)
        typer.echo(to_json(told, indent=2, inf_nan_mode="null"))
    elif as_csv != "-":
        from bench.report.course.pages import board_text

        typer.echo(board_text(found), nl=False)


def _published(path: Path, root: Path, key: Path | None) -> Published:
    from bench.analyse.course.board import board as judged
    from bench.analyse.course.medians import class_table, published_cells, team_times
    from bench.analyse.course.one_team import team_result
    from bench.analyse.stats.spread import spreads
    from bench.cli.columns import check_columns
    from bench.errors import Fault, InputError
    from bench.host.registry import known
    from bench.report.course.pages import Published
    from bench.report.course.pseudonyms import pseudonyms
    from bench.results.each_team import each_team
    from bench.suite import load

    suite = load(path)
    check_columns(suite)
    if suite.course is None or not (suite.course.rankings or suite.course.grades):
        hint = "such as `course: {rankings: {most accurate: {by: test_accuracy}}}`"
        raise InputError(Fault("its `course:` section ranks and grades nothing", hint, path))
    hosts = known(root)
    for notice in hosts.notices:
        _tell(notice)
    spread, cells = spreads(hosts.profiles), published_cells(hosts.profiles)

    def made_of(team: str, records: tuple[Record, ...]) -> tuple[TeamResult, TeamTimes]:
        return team_result(suite, team, records, spread), team_times(cells, records)

    teams = list(each_team(root, made_of, _tell))
    results, times = [result for result, _ in teams], [of_cells for _, of_cells in teams]
    if not any(one.rulings for one in results):
        hint = "bench collect takes teams' bundles in; `bench init DIR --team 07` gives a tree its owner"
        raise InputError(Fault(f"no team has results of the suite {suite.name}", hint, root / "results"))
    found = judged(suite, results)
    return Published(
        suite,
        found,
        class_table(cells, times),
        rulings={one.team: one.rulings for one in results},
        names={team: team for team in found.teams} if key is None else pseudonyms(key, found.teams),
        labels={profile.id: profile.label for profile in hosts.profiles},
        scores={profile.id: profile.ai_score for profile in hosts.profiles if profile.ai_score is not None},
    )


def _tell(notice: str) -> None:
    typer.echo(f"bench: {notice}", err=True)


def _write(found: Published, out: Path | None, as_csv: str | None) -> None:
    from bench.report.course.board_tables import gradebook
    from bench.report.course.pages import write_pages
    from bench.report.export.csv_text import csv_text
    from bench.support.files import write_whole

    try:
        if out is not None:
            pages = write_pages(found, out)
            typer.echo(f"bench: wrote {pages[0]} and {len(pages) - 1} more", err=True)
        if as_csv is not None:
            text = csv_text(gradebook(found.board))
            if as_csv == "-":
                typer.echo(text, nl=False)
            else:
                write_whole(Path(as_csv), text)
                typer.echo(f"bench: wrote {as_csv}", err=True)
    except OSError as error:
        typer.echo(f"bench: {error.filename or out or as_csv}: can't be written ({error.strerror or error})", err=True)
        raise typer.Exit(1) from None
