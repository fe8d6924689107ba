"""`bench export`: what was measured, in the forms that other programs read."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from bench.cli.options import Root

if TYPE_CHECKING:
    from bench.report.export.frames import Rows

__all__ = ["export"]


class _Form(StrEnum):
    CSV = "csv"
    PARQUET = "parquet"
    LATEX = "latex"
    PYTEST_BENCHMARK = "pytest-benchmark"
    TENSORBOARD = "tensorboard"
    MLFLOW = "mlflow"


class _Rows(StrEnum):
    RECORDS = "records"
    WINDOWS = "windows"
    EPOCHS = "epochs"


def export(
    form: Annotated[_Form, typer.Option("--format", help="What it is to be.")],
    out: Annotated[
        str | None,
        typer.Argument(
            metavar="[OUT]",
            help="The file or folder to write; of MLflow also a URI; - prints text. Without it: below results/.",
        ),
    ] = None,
    suite: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this suite, such as cnn; may be repeated.")
    ] = None,
    host: Annotated[list[str] | None, typer.Option(metavar="ID", help="Only this host; may be repeated.")] = None,
    team: Annotated[list[str] | None, typer.Option(metavar="TEAM", help="Only this team's; may be repeated.")] = None,
    rows: Annotated[_Rows | None, typer.Option(help="Of CSV and Parquet: what is a row (records).")] = None,
    root: Root = Path(),
) -> None:
    """Write the newest record of each cell in a form that other programs read.

    csv and parquet have a row a record, a window or an epoch, unrounded; latex the tables of the suites;
    pytest-benchmark a file that its `compare` reads; tensorboard scalars and HParams; mlflow a run a record, in a local
    store unless a URI names another. A file appears whole or not at all. Exit status 1: it could not be written.
    """
    from bench.cli.common import working_tree
    from bench.host.registry import known
    from bench.report.export.write import export as write
    from bench.report.selection import chosen
    from bench.results.query import latest, read_all
    from bench.support.gc_paused import gc_paused

    working_tree(root)
    with gc_paused():
        read, hosts = read_all(root), known(root)
        for notice in (*hosts.notices, *read.notices):
            typer.echo(f"bench: {notice}", err=True)
        records = latest(chosen(root, read, host, suite, team))
        wanted = cast("Rows | None", rows and rows.value)
        made = write(form.value, out, wanted, root, records, hosts.profiles)
    if made.text is not None:
        typer.echo(made.text, nl=False)
    else:
        typer.echo(f"bench: wrote {made.where}: {made.of}", err=True)
