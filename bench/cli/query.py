"""`bench query`: questions to all results in SQL."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.common import duration, working_tree
from bench.cli.options import AsJson, Root

if TYPE_CHECKING:
    from bench.database.ask import Answer, Limits

__all__ = ["query"]

_MOST_SQL = 100_000
_UNITS = {"": 1, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "KB": 10**3, "MB": 10**6, "GB": 10**9}


def query(
    sql: Annotated[
        str | None, typer.Argument(metavar="[SQL]", help="One SELECT; - or none: it is read from standard input.")
    ] = None,
    file: Annotated[Path | None, typer.Option(metavar="FILE", help="Read the SQL from this file.")] = None,
    schema: Annotated[bool, typer.Option("--schema", help="List the views, their columns, types and units.")] = False,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, unrounded.")] = False,
    timeout: Annotated[str, typer.Option(metavar="TIME", help="End the query after this time, such as 10m.")] = "60s",
    memory: Annotated[str, typer.Option(metavar="SIZE", help="What it may take of memory, such as 4GiB.")] = "1GiB",
    root: Root = Path(),
) -> None:
    """Ask all results in SQL: the views records, windows, epochs, pairs and hosts.

    bench query "SELECT model, variant, avg(step_seconds) AS step FROM records WHERE newest GROUP BY ALL ORDER BY step"

    DuckDB answers, which reads these views and nothing else. They are kept in results/.index, an index that is brought
    up to date first, and may be deleted at any time.
    """
    from bench.errors import Fault, InputError

    if as_json and as_csv:
        raise InputError(Fault("--json and --csv are two forms of the same", "one of them at a time"))
    if schema:
        if sql is not None or file is not None or as_csv:
            raise InputError(Fault("--schema takes no query", "bench query --schema, with --json for programs"))
        _print_schema(as_json)
        return
    from bench.database.ask import Limits

    limits = Limits(duration("--timeout", timeout), _size(memory))
    text = _sql(sql, file)
    _answer(working_tree(root), text, limits, "json" if as_json else "csv" if as_csv else "table")


def _answer(root: Path, sql: str, limits: Limits, form: str) -> None:
    from bench.database.ask import asked
    from bench.database.faults import QuestionError
    from bench.database.tables import up_to_date

    try:
        with (
            up_to_date(root, lambda text: typer.echo(f"bench: {text}", err=True)) as database,
            asked(database, sql, limits) as answer,
        ):
            _print(answer, form)
    except QuestionError as error:
        sys.stdout.flush()
        typer.echo(f"bench: {error}", err=True)
        if error.place is not None:
            typer.echo("".join(f"    {line}\n" for line in error.place.split("\n")), err=True, nl=False)
        raise typer.Exit(2) from None


def _print(answer: Answer, form: str) -> None:
    from bench.report.query.answer import csv_lines, json_parts, table_text

    parts = {"json": json_parts, "csv": csv_lines}.get(form)
    for part in parts(answer) if parts is not None else (table_text(answer),):
        sys.stdout.write(part)


def _print_schema(as_json: bool) -> None:
    from bench.report.core.monospaced import render
    from bench.report.query.schema import schema_rows, schema_tables

    if as_json:
        from pydantic_core import to_json

        typer.echo(to_json(schema_rows(), indent=2))
        return
    typer.echo("\n".join(map(render, schema_tables())), nl=False)


def _sql(sql: str | None, file: Path | None) -> str:
    from bench.errors import Fault, InputError
    from bench.support.files import read_regular

    if sql is not None and file is not None:
        raise InputError(Fault("there are two queries", "give one as an argument or by --file"))
    if file is not None:
        try:
            return read_regular(file, _MOST_SQL, follow=True).decode()
        except (OSError, UnicodeDecodeError) as error:
            what = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
            raise InputError(Fault(f"the query can't be read ({what})", None, file)) from None
    if sql not in (None, "-"):
        return str(sql)
    if sys.stdin.isatty():
        raise InputError(Fault("there is no query", 'bench query "SELECT …", or --schema for what can be asked'))
    text = sys.stdin.read(_MOST_SQL + 1)
    if len(text) > _MOST_SQL:
        raise InputError(Fault("the query is too long", f"up to {_MOST_SQL:,} characters"))
    return text


def _size(text: str) -> int:
    from bench.errors import Fault, InputError

    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmg]i?b|)", text.strip(), re.IGNORECASE)
    size = int(float(found[1]) * _UNITS[found[2].upper()]) if found else 0
    if not 2**26 <= size <= 2**42:
        raise InputError(Fault(f"--memory {text} is no size", "256MiB or 4GiB, from 64MiB"))
    return size
