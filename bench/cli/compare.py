"""`bench compare A B`: two stored sides joined cell by cell, or one cell of each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.common import end_at_once, share
from bench.cli.options import AsJson, Only, Root

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.analyse.compare.comparison import Comparison
    from bench.analyse.stats.spread import Spread
    from bench.analyse.training.before_after import BeforeAfter
    from bench.results.sides import StoredSide

__all__ = ["compare"]

_SIDE = (
    "HOST, HOST/SUITE, HOST@2026-11-20, @HEAD~1 (@ alone: all that is here now), or a .jsonl file or a tree; "
    ":CELL after any of them, or alone, is one cell, its seeds together."
)


def compare(
    a: Annotated[str, typer.Argument(metavar="A", help=_SIDE)],
    b: Annotated[str, typer.Argument(metavar="B", help="What to set beside it, named likewise.")],
    only: Only = None,
    gate: Annotated[
        bool,
        typer.Option(
            "--gate",
            help="Exit with status 1 if a cell is slower on B, if one that is good on A is absent or has no figure "
            "on B, or if no cell could be compared.",
        ),
    ] = False,
    same_within: Annotated[
        str | None,
        typer.Option(
            metavar="SHARE",
            help="Differences up to this share, such as 2%, count as the same. Default: the suite's, or 5 %.",
        ),
    ] = None,
    as_json: AsJson = False,
    root: Root = Path(),
) -> None:
    """Compare B with A, cell by cell: faster, slower, the same or undecided.

    A and B are stored results: of two hosts, two suites, two days, two git revisions, or two files. Cells are joined
    by model, variant, batch size and seed; what isn't the same work is refused, and what else differs is named.

    Where both name a cell of one model (my-host/digits:simple_cnn/notebook, or :simple_cnn/xla/b128), the two are set
    side by side: speed, memory, accuracy and overfitting, before and after.
    """
    from bench.results.cell_side import split_cell
    from bench.support.gc_paused import gc_paused

    end_at_once()
    within = share("--same-within", same_within)
    (side_a, cell_a), (side_b, cell_b) = split_cell(a), split_cell(b)
    if cell_a or cell_b:
        with gc_paused():
            beside = _beside(root, (a, side_a, cell_a), (b, side_b, cell_b), only or (), gate, within)
            _show_cells(beside, (a, b), as_json)
        if gate:
            from bench.report.compare.cells import tripped_cells

            _let_through(tripped_cells(beside))
        return
    with gc_paused():
        found = _compared(root, a, b, only or (), gate, within)
        if as_json:
            from pydantic_core import to_json

            from bench.report.compare.as_json import compare_rows

            typer.echo(to_json(compare_rows(found), indent=2, inf_nan_mode="null"))
        else:
            from bench.report.compare.table import compare_text

            typer.echo(compare_text(found), nl=False)
    if gate:
        from bench.report.compare.gate import tripped

        _let_through(tripped(found))


def _let_through(reasons: tuple[str, ...]) -> None:
    for reason in reasons:
        typer.echo(f"bench: {reason}", err=True)
    if reasons:
        raise typer.Exit(1)


def _compared(root: Path, a: str, b: str, only: list[str] | tuple[()], gate: bool, within: float | None) -> Comparison:
    from bench.analyse.compare.comparison import compare as judge
    from bench.analyse.compare.join import join
    from bench.errors import Fault, InputError
    from bench.suite.select import picked

    if a == b:
        raise InputError(Fault(f"both sides are '{a}'", "a comparison wants two, such as @HEAD~1 and @"))
    sides, spreads = _read(root, a, b, gate)
    cells = dict.fromkeys(record.cell for side in sides for record in side.records)
    wanted = frozenset(picked(list(cells), only))
    return judge(join(*sides, wanted.__contains__), *spreads, within)


def _read(
    root: Path, a: str, b: str, gate: bool
) -> tuple[tuple[StoredSide, StoredSide], tuple[Mapping[str, Spread], Mapping[str, Spread]]]:
    """Both sides, and the spreads of their hosts; notices go to standard error.

    A gate passes over no record of a newer version: that would be the one to judge.
    """
    from bench.analyse.stats.spread import spreads
    from bench.host.registry import profiles
    from bench.results.sides import read_side

    def notice(text: str) -> None:
        typer.echo(f"bench: {text}", err=True)

    known = profiles(root, notice)
    published = {profile.id for profile in known if profile.published}
    sides = read_side(root, a, published, strict=gate), read_side(root, b, published, strict=gate)
    for text in dict.fromkeys(text for side in sides for text in side.notices):
        notice(text)
    before, after = (spreads(known if side.root == root else profiles(side.root, notice)) for side in sides)
    return sides, (before, after)


def _show_cells(found: BeforeAfter, texts: tuple[str, str], as_json: bool) -> None:
    if as_json:
        from pydantic_core import to_json

        from bench.report.training.before_after_json import before_after_fields

        typer.echo(to_json(before_after_fields(found), indent=2, inf_nan_mode="null"))
    else:
        from bench.report.compare.cells import sides_text

        typer.echo(sides_text(found, texts), nl=False)


def _beside(
    root: Path,
    a: tuple[str, str, str],
    b: tuple[str, str, str],
    only: list[str] | tuple[()],
    gate: bool,
    within: float | None,
) -> BeforeAfter:
    """One cell beside another; each is the text that the user wrote, and the side and the cell that it names."""
    from bench.analyse.compare.one_cell import NamedCell, both_cells
    from bench.analyse.training.before_after import before_after
    from bench.errors import Fault, InputError

    if only:
        raise InputError(Fault("--only chooses among cells, and a side names one", "leave one of the two out"))
    for (text, _, cell), (other, _, lacking) in ((a, b), (b, a)):
        if not lacking:
            shown = "" if other == "@" else other
            what = f"'{text}' names a cell and '{other}' doesn't"
            raise InputError(Fault(what, f"name one on both sides: '{shown}:{cell}', or on neither"))
    sides, spreads = _read(root, a[1], b[1], gate)
    cells = both_cells(NamedCell(sides[0], a[2], a[0]), NamedCell(sides[1], b[2], b[0]))
    return before_after(*cells, spreads, across=True, same_within=within)
