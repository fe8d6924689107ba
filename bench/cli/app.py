"""The verbs, put together."""

from __future__ import annotations

from typing import Annotated

import typer

from bench import __version__
from bench.cli import (
    ab,
    audit,
    board,
    calibrate,
    check,
    collect,
    compare,
    data,
    describe,
    doctor,
    evaluate,
    export,
    hosts,
    imports,
    init,
    pack,
    plan,
    plot,
    query,
    report,
    run,
    schema,
    selftest,
    tune,
)

__all__ = ["app"]

app = typer.Typer(
    name="bench",
    help="Measure speed, memory and efficiency of training a network on this machine, and find what improves them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(run.run)
app.command()(report.report)
app.command()(plot.plot)
app.command()(query.query)
app.command()(plan.plan)
app.command()(check.check)
app.command()(board.board)
app.command()(compare.compare)
app.command()(ab.ab)
app.command()(tune.tune)
app.command()(calibrate.calibrate)
app.command()(describe.describe)
app.command()(evaluate.evaluate)
app.command()(export.export)
app.command("import")(imports.imports)
app.add_typer(hosts.app, name="hosts")
app.add_typer(data.app, name="data")
app.command()(init.init)
app.command()(pack.pack)
app.command()(collect.collect)
app.command()(audit.audit)
app.command()(schema.schema)
app.command()(selftest.selftest)
app.command()(doctor.doctor)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"bench {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Options of `bench` itself."""
