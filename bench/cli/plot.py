"""`bench plot`: figures of what was measured, as PNG and SVG."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bench.cli.options import Root

__all__ = ["plot"]


def plot(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Which figures: see below. Default: all.")
    ] = None,
    suite: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Draw only this suite, such as cnn; may be repeated.")
    ] = None,
    host: Annotated[list[str] | None, typer.Option(metavar="ID", help="Draw only this host; may be repeated.")] = None,
    team: Annotated[
        list[str] | None, typer.Option(metavar="TEAM", help="Draw only this team's; may be repeated.")
    ] = None,
    into: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where to write them (results/figures).", file_okay=False)
    ] = None,
    root: Root = Path(),
) -> None:
    """Draw figures of the results, each as PNG and SVG, and print where they are.

    speedup: each variant over its baseline. hosts: machines side by side, with published times. scaling: what several
    devices gain over one. bottleneck: what a step's time is spent on. roofline: cells below their machine's roofs.
    history: step times over runs. tradeoff: accuracy against its cost. effects: what each training setting does.
    curves: each trained cell by epoch.

    Exit status 1: a file could not be written; the others were.
    """
    from bench.cli.common import working_tree
    from bench.report.plot import draw

    working_tree(root)
    drawn = draw(root, names or (), hosts=host, suites=suite, teams=team, into=into)
    for notice in drawn.notices:
        typer.echo(f"bench: {notice}", err=True)
    for path in drawn.paths:
        typer.echo(path)
    for failure in drawn.failures:
        typer.echo(f"bench: {failure.filename} can't be written ({failure.strerror or failure})", err=True)
    if drawn.failures:
        raise typer.Exit(1)
