"""`bench check`: is this fit to be handed in?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bench.cli.options import AsJson, Root

if TYPE_CHECKING:
    from bench.analyse.course.rulings import Ruling
    from bench.suite.cells import Suite

__all__ = ["check"]


def check(
    suite: Annotated[
        Path | None,
        typer.Argument(metavar="[SUITE]", help="The suite's YAML file. Default: those of ROOT/suites with a course."),
    ] = None,
    host: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only what was measured on this host; may be repeated.")
    ] = None,
    team: Annotated[
        list[str] | None,
        typer.Option(metavar="TEAM", help="Only this team's; may be repeated. Default: the tree's own team's, if any."),
    ] = None,
    root: Root = Path(),
    as_json: AsJson = False,
) -> None:
    """Hold results against the rules of their course before they are handed in.

    A suite's `course:` section has the rules: limits of parameters, epochs, time and memory, the least accuracy, the
    data allowed, the figures that each record must have. Every cell of the suite is judged by its newest record.
    Exit status: 0 all rules hold; 1 one doesn't, or nothing tells; 2 bad input.
    """
    from bench.analyse.course.rulings import rulings
    from bench.cli.common import working_tree
    from bench.results.index.newest import read_newest
    from bench.results.owner import owner
    from bench.results.query import latest
    from bench.support.gc_paused import gc_paused

    tree = working_tree(root)
    _need_results(tree, host or [], team or [])
    suites = _suites(suite, tree)
    teams: tuple[str | None, ...] = tuple(team) if team else (owner(tree),)
    with gc_paused():
        read = read_newest(tree, hosts=host or None, suites=[one.name for one in suites])
        for notice in read.notices:
            typer.echo(f"bench: {notice}", err=True)
        records = latest(one for one in read.records if one.team in teams)
        found = [(one, rulings(one, records)) for one in suites]
    _print(found, as_json)
    if any(one.verdict != "holds" for _, each in found for one in each):
        raise typer.Exit(1)


def _need_results(root: Path, hosts: list[str], teams: list[str]) -> None:
    from bench.errors import Fault, InputError, nearest
    from bench.results.query import results_files
    from bench.results.team import team_of_file

    faults = []
    for what, names, known in (
        ("host", hosts, {path.relative_to(root / "results").parts[0] for path in results_files(root)}),
        ("team", teams, {team for path in results_files(root) if (team := team_of_file(path)) is not None}),
    ):
        lacking = [name for name in names if name not in known]
        faults += [Fault(f"no results of the {what} '{name}'", nearest(name, sorted(known))) for name in lacking]
    if faults:
        raise InputError(*faults)


def _suites(path: Path | None, root: Path) -> list[Suite]:
    """The one that is named, or all with a section. Raises InputError where there is none."""
    from functools import partial

    from bench.cli.columns import check_columns
    from bench.errors import Fault, InputError, gathered
    from bench.suite import load

    folder = root / "suites"
    paths = [path] if path is not None else sorted(folder.glob("*.yaml"))

    def loaded(one: Path) -> Suite:
        suite = load(one)
        check_columns(suite)
        return suite

    found = [one for one in gathered(partial(loaded, one) for one in paths) if one.course is not None]
    if not found:
        hint = "write what the course asks for: `course: {max_params: 50000}`"
        what = "no suite there has a `course:` section" if path is None else "has no `course:` section"
        raise InputError(Fault(what, hint, path or folder))
    return found


def _print(found: list[tuple[Suite, tuple[Ruling, ...]]], as_json: bool) -> None:
    from bench.report.course.rulings_table import rulings_rows, rulings_table

    if as_json:
        import json

        rows: list[dict[str, Any]] = [rulings_rows(one.name, each) for one, each in found]
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False, allow_nan=False))
        return
    from bench.report.core.markdown import render

    typer.echo("\n".join(render(rulings_table(one.title or one.name, each)) for one, each in found), nl=False)
