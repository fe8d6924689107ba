"""`bench data`: which data sets are here, and fetching those that aren't."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.options import AsJson

if TYPE_CHECKING:
    from bench.workload.data import Known

__all__ = ["app"]

app = typer.Typer(help="List the data sets, and fetch those that are not on this machine.")


@app.callback(invoke_without_command=True)
def overview(
    context: typer.Context,
    data_dir: Annotated[
        Path | None, typer.Option(help="Folder or archive to look in first, before BENCH_DATA_DIR and the Keras cache.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List every known data set: whether and where it is found, images, classes and size."""
    if context.invoked_subcommand is not None:
        return
    from bench.workload.data import known

    data_sets = known(data_dir)
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in data_sets], indent=2))
        return
    typer.echo(_table(data_sets))
    for fault in (each.fault for each in data_sets if each.fault is not None):
        typer.echo(f"\n{fault}")


@app.command()
def fetch(
    name: Annotated[str, typer.Argument(help="cifar100 or cifar10.")],
    to: Annotated[Path | None, typer.Option(help="Folder to put it into; the Keras cache if not given.")] = None,
) -> None:
    """Fetch the archive of a data set, check its MD5 sum, and print where it lies."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    from bench.cli.console import console_of
    from bench.workload.data import fetch as fetch_archive

    columns = (TextColumn(name), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=console_of(sys.stderr))
    with ExitStack() as shown:

        def advance(done: int, total: int) -> None:
            if not bar.tasks:
                bar.add_task(name)
                shown.enter_context(bar)
            bar.update(bar.tasks[0].id, completed=done, total=total)

        path = fetch_archive(name, to, advance)
    if not bar.tasks:
        typer.echo(f"{name} is already there, and its MD5 sum is right", err=True)
    typer.echo(path)


def _table(data_sets: tuple[Known, ...]) -> str:
    from tabulate import tabulate

    rows = [
        {
            "name": each.name,
            "where": each.found or ("damaged" if each.damaged else "not found"),
            "training": f"{each.train_images:,}",
            "test": f"{each.test_images:,}",
            "classes": each.classes,
            "image": "×".join(map(str, each.shape)),
            "size": _size(each.size),
        }
        for each in data_sets
    ]
    return tabulate(rows, headers="keys", colalign=("left", "left", "right", "right", "right", "left", "right"))


def _size(size: int | None) -> str:
    if size is None:
        return ""
    return f"{size / 2**20:.0f} MiB" if size >= 2**20 else f"{size / 2**10:.0f} KiB"
