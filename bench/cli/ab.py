"""`bench ab SUITE CELL_A CELL_B`: two cells measured interleaved."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.common import end_like_ctrl_c, working_tree
from bench.cli.options import (
    AsJson,
    DataDir,
    HostId,
    MachineOrNodes,
    OnNodes,
    Root,
    Settings,
    StrictData,
    SuiteFile,
)
from bench.cli.where import Where
from bench.errors import Fault, InputError
from bench.instruments.rounds import MOST_ROUNDS

if TYPE_CHECKING:
    from bench.results.pair import Pair
    from bench.run.interleaved.pairs import PairPlan
    from bench.run.prepare import Request
    from bench.suite.cells import Cell

__all__ = ["ab"]


def ab(
    suite: SuiteFile,
    cell_a: Annotated[str, typer.Argument(help="The cell to compare with, such as vgg16/notebook.")],
    cell_b: Annotated[str, typer.Argument(help="The cell that may be faster or slower, such as vgg16/xla.")],
    settings: Settings = None,
    precision: Annotated[
        float,
        typer.Option(
            min=0.001, max=0.5, help="End once the ratio is known to within this share, or a fifth of the difference."
        ),
    ] = 0.02,
    rounds: Annotated[
        int, typer.Option(min=6, max=1000, help="Or after this many rounds of two fresh processes each.")
    ] = MOST_ROUNDS,
    data_dir: DataDir = None,
    strict_data: StrictData = False,
    executor: MachineOrNodes = "local",
    on: OnNodes = None,
    host: HostId = None,
    root: Root = Path(),
    as_json: AsJson = False,
) -> None:
    """Measure two cells of a suite interleaved, and say whether the second is faster or slower than the first.

    Each has a process of its own; the two alternate window by window, so that drift hits both, and every round starts
    fresh processes. The result is kept in results/HOST/pairs/SUITE.jsonl. Ctrl-C answers from what there is.
    """
    from bench.run.interleaved.pairs import PairPlan
    from bench.run.prepare import Request
    from bench.suite import load

    loaded = load(suite, settings or ())
    cells = tuple(_one(loaded.cells(), name, word) for name, word in ((cell_a, "CELL_A"), (cell_b, "CELL_B")))
    if cells[0].id == cells[1].id:
        hint = "name two; `bench selftest` measures how far equal cells lie apart here"
        raise InputError(Fault(f"{cells[0].id} can't be compared with itself", hint))
    tree, where = working_tree(root), Where.of_verb(executor, on)
    if where.ray:
        from bench.cli.verb_on_nodes import verb_on_nodes
        from bench.run.cluster.verbs import OfSuite

        arguments = ["ab", *(cell.id for cell in cells), "--precision", str(precision), "--rounds", str(rounds)]
        arguments += [word for one in settings or () for word in ("--set", one)]
        arguments += ["--data-dir", str(data_dir)] if data_dir is not None else []
        arguments += ["--strict-data"] if strict_data else []
        of = OfSuite(suite, loaded, cells)
        raise typer.Exit(verb_on_nodes(where, tree, arguments, as_json, host=host, of=of))
    request = Request(loaded, cells, tree, data_dir, strict_data, host=host, idle_power=False)
    raise typer.Exit(_measure(request, PairPlan(precision=precision, max_rounds=rounds), as_json))


def _one(cells: tuple[Cell, ...], name: str, word: str) -> Cell:
    from bench.suite import select

    found = select(cells, [name], word)
    if len(found) > 1:
        some = ", ".join(cell.id for cell in found[:4]) + (", …" if len(found) > 4 else "")
        raise InputError(Fault(f"'{name}' means {len(found)} cells", f"name one of {some}"))
    return found[0]


def _measure(request: Request, plan: PairPlan, as_json: bool) -> int:
    from bench.cli.rounds import RoundsDisplay
    from bench.host.registry import remember
    from bench.results.journal import Journal, JournalError, pairs_path
    from bench.results.pair import Pair
    from bench.results.writable import writable
    from bench.run.interleaved.pairs import Cut, measure_pair
    from bench.run.prepare import prepared
    from bench.run.process.executors import LocalExecutor

    end_like_ctrl_c()
    cut = False
    try:
        with (
            RoundsDisplay(sys.stderr) as display,
            prepared(request, LocalExecutor(), display.notice) as ready,
        ):
            a, b = ready.planned
            path = pairs_path(request.root, ready.setting.host.id, request.suite.name, ready.setting.team)
            writable(path, Pair)
            remember(request.root, ready.setting.host)
            display.pair_begins(f"{a.cell.id} and {b.cell.id}", plan.max_rounds)
            try:
                pair = measure_pair(ready, a, b, plan, display)
            except Cut as end:
                cut, pair = True, end.pair
            if pair.rounds or pair.failure:
                for notice in Journal(path, Pair).append(pair):
                    display.notice(notice)
    except KeyboardInterrupt:
        typer.echo("interrupted before any round was measured", err=True)
        return 130
    except JournalError as error:
        typer.echo(f"bench: {error}", err=True)
        return 1
    _show(pair, as_json)
    return 130 if cut else 0 if pair.ok else 1


def _show(pair: Pair, as_json: bool) -> None:
    from bench.report.core.markdown import render
    from bench.report.options.pair_table import pair_answer, pair_row, pair_table

    if as_json:
        typer.echo(json.dumps(pair_row(pair), indent=2, ensure_ascii=False, allow_nan=False))
        return
    typer.echo(render(pair_table(pair), 2))
    typer.echo(pair_answer(pair))
