"""`bench collect`: bundles taken into one working tree."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.options import AsJson, Root

if TYPE_CHECKING:
    from bench.bundle.collect import Collected

__all__ = ["collect"]

_EVERY = 25


def collect(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH…", help="Bundles, archives and notebooks of them, and folders of all.")
    ],
    root: Root = Path(),
    as_json: AsJson = False,
) -> None:
    """Take the results of many teams into this tree, each under results/HOST/TEAM, from what `bench pack` made.

    Bundles are looked for in folders, in archives within archives, and in notebooks that show one (`bench.pack()`) or
    have one attached. What was taken and what was refused is told, with the reason; one bad file costs itself alone.
    Nothing of a bundle is run or imported, and no file of it gets a place that its kind doesn't have. The same bundle
    again adds nothing; another one of the same team adds what is new in it, and is named. What came beside the results
    (profiles, suites, figures) lies in collected/TEAM. Exit status 1: a bundle was refused; 2: there is none.
    """
    from bench.bundle.collect import Collected
    from bench.bundle.collect import collect as take
    from bench.cli.common import working_tree
    from bench.errors import Fault, InputError

    found = Collected()
    tree = working_tree(root)
    try:
        take(tree, paths, lambda _: _progress(found), found)
    except KeyboardInterrupt:
        _tell(found, as_json)
        typer.echo("bench: interrupted; what was taken stays, and the same command goes on", err=True)
        raise typer.Exit(130) from None
    _tell(found, as_json)
    if not found.outcomes:
        raise InputError(Fault(*_none_found(found, paths)))
    if found.of("refused"):
        raise typer.Exit(1)


def _none_found(found: Collected, paths: list[Path]) -> tuple[str, str]:
    """What is wrong, and what would be right."""
    where = ", ".join(map(str, paths))
    what = f"there is no bundle in {where}, whose {found.looked.files:,} files were looked at"
    return what if found.looked.files else f"there is nothing in {where}", "a bundle is what `bench pack` writes"


def _progress(found: Collected) -> None:
    if len(found.outcomes) % _EVERY == 0 and sys.stderr.isatty():
        typer.echo(f"bench: {len(found.outcomes)} bundles so far", err=True)


def _tell(found: Collected, as_json: bool) -> None:
    from bench.report.bundle.collected import collected_fields, collected_table

    if not (found.outcomes or as_json):
        return
    if as_json:
        import json

        typer.echo(json.dumps(collected_fields(found), indent=2, ensure_ascii=False))
        return
    from bench.report.core.monospaced import render

    typer.echo(render(collected_table(found)), nl=False)
