"""`bench audit`: are collected records plausible?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.options import AsJson, Root

if TYPE_CHECKING:
    from bench.analyse.audit.audit import Audit

__all__ = ["audit"]


def audit(
    team: Annotated[
        list[str] | None, typer.Option(metavar="TEAM", help="Tell of this team's records alone; may be repeated.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Tell the evidence of every record.")] = False,
    rerun: Annotated[
        int, typer.Option("--rerun", metavar="N", help="Measure N cells again, of those that this machine can.", min=0)
    ] = 0,
    train: Annotated[
        bool,
        typer.Option("--train", help="With --rerun: trained cells, which are trained again for their accuracy."),
    ] = False,
    suites: Annotated[
        Path | None, typer.Option(metavar="DIR", help="With --rerun: a folder of suites to trust beside those shipped.")
    ] = None,
    root: Root = Path(),
    as_json: AsJson = False,
) -> None:
    """Look for records that contradict themselves, each other, or physics: plausible, odd or impossible, with evidence.

    Windows against stages, rates against datasheets, energy against work, accuracies against counts of images, equal
    times in two bundles, learning curves that aren't their seed's, digests that are broken, and more. It says what
    doesn't fit and how sure that is, never why, and it can't tell a careful invention from a measurement.

    --rerun measures some cells again, drawn at random over the teams: of suites that are shipped, or lie in a folder
    that you trust, and where this machine has the same device; nothing that a record names is run. With --train they
    are trained again too, which takes as long as it took the team. Exit status 1: not all is plausible.
    """
    from bench.analyse.audit.audit import audit as judged
    from bench.bundle.profiles import CameWith
    from bench.cli.common import end_at_once, working_tree
    from bench.errors import Fault, InputError
    from bench.report.audit.as_json import audit_fields
    from bench.report.audit.table import audit_lines, audit_table
    from bench.report.core.monospaced import render

    for option, given in (("--train", train), ("--suites", suites is not None)):
        if given and not rerun:
            raise InputError(Fault(f"{option} says how cells are measured again", "it goes with --rerun N"))
    end_at_once()
    tree = working_tree(root)
    found = judged(tree, CameWith(tree).of, team)
    _need_records(tree, found, team)
    for notice in found.notices:
        typer.echo(f"bench: {notice}", err=True)
    if not as_json:
        typer.echo(render(audit_table(found)))
        for line in audit_lines(found, full=full):
            typer.echo(line)
    again = _again(tree, rerun, suites, team, train=train, as_json=as_json) if rerun else []
    if as_json:
        import json

        typer.echo(json.dumps(audit_fields(found) | {"rerun": again}, indent=2, ensure_ascii=False))
    if found.doubted or any(one["verdict"] != "plausible" for one in again):
        raise typer.Exit(1)


def _need_records(root: Path, found: Audit, teams: list[str] | None) -> None:
    from bench.errors import Fault, InputError, nearest

    known = sorted(team for team in found.teams if team is not None)
    missing = [team for team in teams or () if team not in known]
    if missing and known:
        what = "there are no records of team {} to audit"
        raise InputError(*(Fault(what.format(team), nearest(team, known)) for team in missing))
    if not found.records.total():
        raise InputError(Fault("there are no records to audit", "`bench collect` takes bundles", root / "results"))


def _again(
    root: Path, count: int, suites: Path | None, teams: list[str] | None, *, train: bool, as_json: bool
) -> list[dict[str, object]]:
    import sys

    from bench.cli.progress import Display
    from bench.run.again import measured_again
    from bench.run.estimate import Estimator

    with Display(sys.stderr, lambda host: Estimator((), host), kept=False) as display:
        found = list(measured_again(root, count, suites, teams, display, train=train))
    if not as_json:
        for one in found:
            typer.echo(f"{one.verdict}, measured again: {one.where}: {one.evidence}")
    return [one.fields for one in found]
