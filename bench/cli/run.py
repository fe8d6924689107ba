"""`bench run SUITE`: the main job."""

from __future__ import annotations

import shlex
import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.errors import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.run.estimate import Estimator
    from bench.run.loop import Request
    from bench.run.plan import Planned

__all__ = ["run"]


class ExecutorName(StrEnum):
    """Where cells run."""

    local = "local"
    inline = "inline"


def run(
    suite: Annotated[Path, typer.Argument(help="The suite's YAML file, such as suites/cnn.yaml.")],
    only: Annotated[
        list[str] | None, typer.Option(metavar="GLOB", help="Only cells like this, such as 'vgg16/*'; may be repeated.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="A.B=C", help="Override a value, such as protocol.max_seconds=10; may be repeated."
        ),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Measure only what has no good record yet.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List the cells and the time they would take.")] = False,
    executor: Annotated[
        ExecutorName, typer.Option(help="local: a process a cell; inline: in this one, for debugging.")
    ] = ExecutorName.local,
    data_dir: Annotated[
        Path | None, typer.Option(help="Folder or archive of the data sets (else BENCH_DATA_DIR, the Keras cache).")
    ] = None,
    strict_data: Annotated[bool, typer.Option("--strict-data", help="Fail where real data can't be had.")] = False,
    host: Annotated[str | None, typer.Option(metavar="ID", help="File the results under this host.")] = None,
    root: Annotated[
        Path, typer.Option(envvar="BENCH_ROOT", help="The working tree: hosts/ and results/ lie there.")
    ] = Path(),
    as_json: Annotated[bool, typer.Option("--json", help="Print figures for programs in place of tables.")] = False,
) -> None:
    """Measure every cell of a suite on this machine and show its tables.

    Records are kept as soon as they are measured, one line each in results/HOST/SUITE.jsonl. Ctrl-C loses only the
    cell that is running; --resume goes on.
    """
    from bench.results.query import read_all
    from bench.run.estimate import Estimator
    from bench.run.loop import Request
    from bench.suite import load, select

    loaded = load(suite, settings or ())
    cells = select(loaded.cells(), only or ())
    request = Request(loaded, cells, root.resolve(), data_dir, strict_data, resume, host)
    if not root.is_dir():
        raise InputError(Fault("no such folder", "make one with `bench init`", root))
    estimator = Estimator(read_all(request.root, suites=[loaded.name]).records)
    if dry_run:
        _list(request, estimator, as_json)
    else:
        raise typer.Exit(_measure(request, estimator, executor, as_json))


def _list(request: Request, estimator: Estimator, as_json: bool) -> None:
    import json

    from bench.run.estimate import clock_time
    from bench.run.loop import preview

    hardware, cells = preview(request)
    rows = [
        {
            "cell": one.cell.id,
            "seconds": 0.0 if one.skip else estimator.seconds(one.cell),
            "known": estimator.knows(one.cell),
            "skip": one.skip,
        }
        for one in cells
    ]
    total = sum(float(str(row["seconds"])) for row in rows)
    if as_json:
        typer.echo(json.dumps({"cells": rows, "seconds": total}))
        return
    width = max(len(one.cell.id) for one in cells)
    for one, row in zip(cells, rows, strict=True):
        known = "as last time" if row["known"] else "guessed from its protocol"
        time = f"skipped: {one.skip}" if one.skip else f"{clock_time(float(str(row['seconds']))):>7}  {known}"
        typer.echo(f"{one.cell.id:<{width}}  {time}")
    typer.echo(f"{len(cells)} cells on {hardware.gpu_name or hardware.cpu}, about {clock_time(total)}; nothing was run")


def _measure(request: Request, estimator: Estimator, name: ExecutorName, as_json: bool) -> int:
    from bench.cli.progress import Display
    from bench.cli.report import report
    from bench.results.journal import JournalError
    from bench.run.executors import InlineExecutor, LocalExecutor
    from bench.run.loop import Interrupted, run_suite

    def left(cells: Sequence[Planned]) -> float:
        return sum(estimator.seconds(one.cell) for one in cells if one.skip is None)

    executor = LocalExecutor() if name is ExecutorName.local else InlineExecutor()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a batch system's way of saying Ctrl-C
    try:
        with Display(sys.stderr, left) as display:
            summary = run_suite(request, executor, display)
    except Interrupted as stop:
        again = shlex.join([*(a for a in _own_command() if a != "--resume"), "--resume"])
        typer.echo(f"interrupted: {stop}. Go on with:\n\n    {again}", err=True)
        return 130
    except KeyboardInterrupt:
        typer.echo("interrupted before any cell was measured", err=True)
        return 130
    except JournalError as error:
        typer.echo(f"bench: {error}", err=True)
        return 1
    report(suite=[request.suite.name], host=[summary.host.id], as_json=as_json, figures=True, root=request.root)
    if summary.failed:
        typer.echo(f"bench: {summary.failed} of {len(summary.records)} cells failed, see above", err=True)
    return 1 if summary.failed else 0


def _own_command() -> list[str]:
    return ["bench", *sys.argv[1:]]
