"""`bench run SUITE`: the main job."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.columns import check_columns
from bench.cli.common import duration, end_like_ctrl_c, share, working_tree
from bench.cli.dry_run import estimator_of
from bench.cli.options import AsJson, DataDir, HostId, Only, OnNodes, Root, Settings, StrictData, SuiteFile
from bench.cli.run_shown import resuming, shown
from bench.errors import Fault, InputError

if TYPE_CHECKING:
    from bench.cli.rounds import RoundsDisplay
    from bench.cli.where import Where
    from bench.host.profile import HostProfile
    from bench.run.estimate import Estimator
    from bench.run.prepare import Request
    from bench.run.run_suite import Observer

__all__ = ["run"]


def run(
    suite: SuiteFile,
    only: Only = None,
    settings: Settings = None,
    attribute: Annotated[
        bool,
        typer.Option(
            "--attribute",
            help="Name each step's bottleneck and measure what each option gives. Same as --set attribute=true.",
        ),
    ] = False,
    until: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help="Time limit, such as 90s, 10m or 2h. Default: what one pass over all cells takes."
        ),
    ] = None,
    precision: Annotated[
        str | None,
        typer.Option(
            metavar="SHARE", help="Stop once every speed-up is known this precisely, such as 1%, or at the time limit."
        ),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Measure only cells that have no good record yet.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List the cells and the time they would take.")] = False,
    executor: Annotated[
        str,
        typer.Option(
            metavar="local|inline|ray[:HOST:PORT]",
            help="local: one process per cell; inline: in this process, for debugging; ray: on nodes of a Ray cluster.",
        ),
    ] = "local",
    on: OnNodes = None,
    nodes: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="With ray: up to N nodes of each kind share the networks. Default: 1."),
    ] = None,
    strict_software: Annotated[
        bool, typer.Option("--strict-software", help="With ray: refuse nodes whose versions of TensorFlow … differ.")
    ] = False,
    data_dir: DataDir = None,
    strict_data: StrictData = False,
    host: HostId = None,
    root: Root = Path(),
    live: Annotated[
        bool, typer.Option("--live", help="Serve the page of results on 127.0.0.1 while it runs; its address is told.")
    ] = False,
    live_address: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Serve it there. Default: 127.0.0.1 and a free port; implies --live."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure every cell of a suite on this machine and show its tables.

    Cells are interleaved with their baseline in rounds of fresh processes: the first round measures every cell, later
    rounds only undecided ones. Records are kept as soon as they are measured, one line for each process in
    results/HOST/SUITE.jsonl. Ctrl-C shows the table of what there is; --resume goes on.
    """
    from bench.cli.where import Where
    from bench.run.prepare import Request
    from bench.suite import load, select

    where = Where.of(executor, on, strict_software, nodes)
    loaded = load(suite, [*(settings or ()), *(["attribute=true"] if attribute else [])])
    cells = select(loaded.cells(), only or ())
    check_columns(loaded)
    tree = working_tree(root)
    request = Request(
        loaded,
        cells,
        tree,
        data_dir,
        strict_data,
        resume,
        host,
        until=duration("--until", until) if until is not None else None,
        precision=share("--precision", precision),
    )
    address = _live_address(live_address, live=live, dry_run=dry_run)
    if dry_run:
        from bench.cli.dry_run import list_here, list_on_nodes

        (list_on_nodes if where.ray else list_here)(request, where, as_json)
    elif where.ray:
        from bench.cli.run_on_nodes import measure_on_nodes

        raise typer.Exit(measure_on_nodes(request, where, as_json, address))
    else:
        raise typer.Exit(_measure(request, where, as_json, address))


def _live_address(text: str | None, *, live: bool, dry_run: bool) -> tuple[str, int] | None:
    """Where the live page is wanted, if it is. Raises InputError."""
    if text is None and not live:
        return None
    from bench.cli.live import address_of

    if dry_run:
        raise InputError(Fault("--dry-run runs nothing that --live could show", "one of them at a time"))
    return address_of(text)


def _measure(request: Request, where: Where, as_json: bool, live: tuple[str, int] | None) -> int:
    from bench.results.journal import JournalError
    from bench.run.process.executors import InlineExecutor, LocalExecutor
    from bench.run.run_suite import Interrupted, run_suite

    end_like_ctrl_c()
    try:
        with ExitStack() as stack:
            displays = _displays(request, live, stack)
            executor = InlineExecutor() if where.inline else LocalExecutor()
            summary = run_suite(request, executor, *displays)
    except Interrupted as stop:
        if stop.summary.records:
            shown(request, [stop.summary], as_json)
        typer.echo(f"interrupted: {stop}. Go on with:\n\n    {resuming()}", err=True)
        return 130
    except KeyboardInterrupt:
        typer.echo("interrupted before any cell was measured", err=True)
        return 130
    except JournalError as error:
        typer.echo(f"bench: {error}", err=True)
        return 1
    if summary.failed:
        what = "cells and pairs" if summary.pairs else "cells"
        typer.echo(f"bench: {summary.failed} of {summary.ended} {what} failed, see above", err=True)
    return 1 if not shown(request, [summary], as_json) or summary.failed else 0


def _displays(request: Request, live: tuple[str, int] | None, stack: ExitStack) -> tuple[Observer, RoundsDisplay]:
    """Who shows the run; its page is told of it too where it is to be `live`, and ends last."""
    from bench.cli.progress import Display
    from bench.cli.rounds import RoundsDisplay

    def before(host: HostProfile) -> Estimator:
        return estimator_of(request, host)

    if live is None:
        display = stack.enter_context(Display(sys.stderr, before))
        return display, stack.enter_context(RoundsDisplay(sys.stderr, display.pause, each=False))
    from bench.cli.live import told_page
    from bench.cli.live_display import LiveObserver, LiveRoundsDisplay

    page = stack.enter_context(told_page(request.root, live))
    display = stack.enter_context(Display(sys.stderr, before))
    rounds = stack.enter_context(LiveRoundsDisplay(sys.stderr, display.pause, page.part()))
    return LiveObserver(display, page.part()), rounds
