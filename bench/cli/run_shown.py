"""What `bench run` shows once it has measured, and how it is gone on with."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bench.errors import InputError

if TYPE_CHECKING:
    from bench.host.profile import HostProfile
    from bench.run.prepare import Request
    from bench.run.run_suite import Summary

__all__ = ["resuming", "shown"]


def shown(request: Request, hosts: Sequence[Summary], as_json: bool) -> bool:
    """Show the tables of what was measured on these hosts, and whether the handout's cells took what they should.

    What keeps them from being made costs no record, and is told; False then.
    """
    from bench.cli.console import in_notebook
    from bench.cli.report import report, report_files
    from bench.host.registry import profiles
    from bench.report.handout.expectation_text import outcome_lines
    from bench.results.owner import owner

    whole = True
    try:
        try:
            if in_notebook() and not as_json:
                for one in hosts:
                    _show_brief(request, one)
                report_files(request.root)
            else:
                suite, host = [request.suite.name], [one.host.id for one in hosts]
                team = [mine] if (mine := owner(request.root)) is not None else None
                report(suite=suite, host=host, team=team, as_json=as_json, figures=True, root=request.root)
        except typer.Exit:  # its tables were printed, and its files could not be written, which was told
            whole = False
        if not as_json:
            for one in hosts:
                _recommend(one, named=len(hosts) > 1)
        for one in hosts:
            lines = outcome_lines(one.records, profiles(request.root))
            for line in (*lines, *(_score_lines(one.host) if lines else ())):
                typer.echo(f"bench: {line}", err=True)
    except InputError as error:
        typer.echo(f"bench: the records are kept, but their report can't be made: {error}", err=True)
        return False
    return whole


def _show_brief(request: Request, summary: Summary) -> None:
    """A notebook's cell would show the report's Markdown as it is written, in walls of text."""
    from bench.report.brief import brief_text
    from bench.results.owner import owner

    typer.echo("\n" + brief_text(request.root, summary.host.id, request.suite.name, owner(request.root)))
    sys.stdout.flush()


def _recommend(summary: Summary, *, named: bool) -> None:
    """Say what to change, and how, where something made a network surely faster."""
    from bench.analyse.speedup.recommendation import recommendations
    from bench.analyse.speedup.standings import Standings
    from bench.analyse.stats.spread import spread_of
    from bench.report.suite.recommendation_text import code_lines, recommendation_text

    standings = Standings(summary.records, {summary.host.id: spread_of(summary.host)})
    for found in recommendations(summary.records, standings):
        on = f"{summary.host.id}: " if named else ""
        typer.echo(f"\n{on}{recommendation_text(found)}\n")
        for line in code_lines(found.changes):
            typer.echo(f"    {line}")


def _score_lines(host: HostProfile) -> Iterator[str]:
    """Why no AI-Score stands beside the published ones, where something is to be installed first."""
    from bench.host.doctor.distributions import everything, first_of_each
    from bench.host.doctor.extras import lacking, score_command
    from bench.host.doctor.installer import this_installer

    installed = first_of_each(everything())
    if "full" not in host.ai_benchmark and lacking(installed):
        command = score_command(installed, this_installer())
        yield f"no AI-Score of {host.id}: bench calibrate measures it, with the extra `score`; {command}"


def resuming() -> str:
    """The command that goes on with what this process was started for."""
    return shlex.join([*(a for a in _own_command() if a != "--resume"), "--resume"])


def _own_command() -> list[str]:
    """How this process was started, as one would type it."""
    program = Path(sys.argv[0])
    if program.name == "__main__.py":
        return [Path(sys.executable).name, "-m", "bench", *sys.argv[1:]]
    found = shutil.which("bench")
    known = found is not None and Path(found).resolve() == program.resolve()
    return ["bench" if known else str(program), *sys.argv[1:]]
