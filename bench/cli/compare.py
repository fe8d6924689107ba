"""`bench compare A B`: two stored sides, joined cell by cell."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bench.analyse.sides import Comparison

__all__ = ["compare"]

_SIDE = "HOST, HOST/SUITE, HOST@2026-11-20, @HEAD~1 (@ alone: all that is here now), or a .jsonl file or a tree."


def compare(
    a: Annotated[str, typer.Argument(metavar="A", help=_SIDE)],
    b: Annotated[str, typer.Argument(metavar="B", help="What to set beside it, named likewise.")],
    only: Annotated[
        list[str] | None, typer.Option(metavar="GLOB", help="Only cells like this, such as 'vgg16/*'; may be repeated.")
    ] = None,
    gate: Annotated[
        bool,
        typer.Option(
            "--gate",
            help="Exit with status 1 where a cell is slower on B, where one that is good on A is absent or has no "
            "figure to compare on B, and where no cell could be compared.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print figures for programs in place of a table.")] = False,
    root: Annotated[
        Path, typer.Option(envvar="BENCH_ROOT", help="The working tree: hosts/ and results/ lie there.")
    ] = Path(),
) -> None:
    """Is B faster or slower than A, cell by cell, or can't that be told?

    A and B are stored results: of two hosts, two suites, two days, two git revisions, or two files. Cells are joined
    by model, variant, batch size and seed; what isn't the same work is refused, and what else differs is named.
    """
    from bench.uncollected import uncollected

    with uncollected():
        found = _compared(root, a, b, only or ())
        if as_json:
            from pydantic_core import to_json

            from bench.report.compare_rows import compare_rows

            typer.echo(to_json(compare_rows(found), indent=2, inf_nan_mode="null"))
        else:
            from bench.report.compare_text import compare_text

            typer.echo(compare_text(found), nl=False)
    if gate:
        from bench.report.compare_gate import tripped

        reasons = tripped(found)
        for reason in reasons:
            typer.echo(f"bench: {reason}", err=True)
        if reasons:
            raise typer.Exit(1)


def _compared(root: Path, a: str, b: str, only: list[str] | tuple[()]) -> Comparison:
    from bench.analyse.join import join
    from bench.analyse.sides import compare as judge
    from bench.analyse.spread import spreads
    from bench.errors import Fault, InputError
    from bench.host.registry import profiles
    from bench.results.sides import read_side
    from bench.suite.select import picked

    if a == b:
        raise InputError(Fault(f"both sides are '{a}'", "a comparison wants two, such as @HEAD~1 and @"))
    known = profiles(root)
    published = {profile.id for profile in known if profile.published}
    sides = read_side(root, a, published), read_side(root, b, published)
    for notice in dict.fromkeys(notice for side in sides for notice in side.notices):
        typer.echo(f"bench: {notice}", err=True)
    cells = dict.fromkeys(record.cell for side in sides for record in side.records)
    wanted = frozenset(picked(list(cells), only))
    before, after = (spreads(known if side.root == root else profiles(side.root)) for side in sides)
    return judge(join(*sides, wanted.__contains__), before, after)
