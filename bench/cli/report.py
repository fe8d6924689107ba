"""`bench report`: what was measured, as tables and figures."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from bench.cli.common import end_at_once
from bench.cli.options import Root

__all__ = ["report", "report_files"]


def report(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILE]...",
            help="With --html: where to write it (results/report.html). With --write: the documents (*.md and docs/).",
        ),
    ] = None,
    suite: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Print only this suite, such as cnn; may be repeated.")
    ] = None,
    host: Annotated[list[str] | None, typer.Option(metavar="ID", help="Print only this host; may be repeated.")] = None,
    team: Annotated[
        list[str] | None, typer.Option(metavar="TEAM", help="Print only this team's; may be repeated.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print figures for programs in place of tables; write no files.")
    ] = False,
    as_html: Annotated[
        bool, typer.Option("--html", help="Write one interactive HTML page in place of tables and figures.")
    ] = False,
    write: Annotated[
        bool, typer.Option("--write", help="Make tables in documents anew, between their marks; print no tables.")
    ] = False,
    full: Annotated[bool, typer.Option("--full", help="Print every table whole.")] = False,
    figures: Annotated[bool, typer.Option("--figures/--no-figures", help="Draw figures too.")] = True,
    root: Root = Path(),
) -> None:
    """Print the tables of everything measured, and write them with figures to results/report.md.

    The handout's table comes first, then each suite on each host, in at most 150 lines for one suite on one host. All
    tables are printed with --full, and are in results/report-full.md. Exit status 1: a file could not be written; the
    tables were printed all the same.

    With --html all of it is one file that opens from disk, with charts and a view of every run, and nothing is printed.

    With --write the tables of documents are made anew: each stands between the lines <!-- bench report NAME --> and
    <!-- end of bench report -->, NAME being handout, suite, training, options or another.
    """
    _need_one_form(files or [], as_json=as_json, as_html=as_html, write=write)
    end_at_once()
    if as_html:
        _write_page(root, files[0] if files else None, suite, host, team)
        return
    if write:
        _refresh(root, files or [], [*(suite or ()), *(host or ()), *(team or ())])
        return
    if as_json:
        _print_rows(root, suite, host, team)
        return
    report_files(root, suite, host, team, full=full, figures=figures, show=_show)


def report_files(
    root: Path,
    suites: list[str] | None = None,
    hosts: list[str] | None = None,
    teams: list[str] | None = None,
    *,
    full: bool = False,
    figures: bool = True,
    show: Callable[[str, tuple[str, ...]], object] = lambda _text, _notices: None,
) -> None:
    """Write the report, its text shown by `show` before, and say where it is. Raises `typer.Exit` where a file could
    not be written."""
    from bench.report.write import NotWrittenError, write_report

    try:
        written = write_report(root, hosts=hosts, suites=suites, teams=teams, full=full, figures=figures, show=show)
    except NotWrittenError as error:
        typer.echo(f"bench: {error}", err=True)
        raise typer.Exit(1) from None
    drawn = written.figures
    also = f" and {drawn} figure{'s' * (drawn > 1)}, as PNG and SVG" if drawn else ""
    typer.echo(f"bench: wrote {written.paths[0]}{also}", err=True)


def _need_one_form(files: list[Path], *, as_json: bool, as_html: bool, write: bool) -> None:
    from bench.errors import Fault, InputError

    forms = [name for name, given in (("--json", as_json), ("--html", as_html), ("--write", write)) if given]
    if len(forms) > 1:
        raise InputError(Fault(f"{' and '.join(forms[:2])} are two forms of the same", "one of them at a time"))
    if files and not (as_html or write):
        hint = "`bench report --html FILE`, or a document's tables: `bench report --write FILE`"
        raise InputError(Fault(f"'{files[0]}': only a page is written to a file that is named", hint))
    if as_html and len(files) > 1:
        raise InputError(Fault(f"'{files[1]}': a page is one file", "`bench report --html FILE`"))


def _refresh(root: Path, files: list[Path], choice: list[str]) -> None:
    from bench.cli.common import working_tree
    from bench.errors import Fault, InputError
    from bench.report.documents import documents_of, refresh

    if choice:
        raise InputError(Fault("each document says which suites and hosts it shows", "'--suite NAME' in its marks"))
    working_tree(root)
    try:
        found = refresh(root, files or documents_of(root))
    except OSError as error:
        typer.echo(f"bench: {error.filename} can't be written ({error.strerror or error})", err=True)
        raise typer.Exit(1) from None
    for notice in found.notices:
        typer.echo(f"bench: {notice}", err=True)
    for path in found.documents:
        typer.echo(f"bench: {'wrote' if path in found.written else 'unchanged:'} {path}", err=True)


def _write_page(
    root: Path, file: Path | None, suites: list[str] | None, hosts: list[str] | None, teams: list[str] | None
) -> None:
    from bench.report.html.write import write_page

    path = write_page(
        root,
        file,
        hosts=hosts,
        suites=suites,
        teams=teams,
        notice=lambda text: typer.echo(f"bench: {text}", err=True),
    )
    typer.echo(f"bench: wrote {path}", err=True)


def _show(text: str, notices: tuple[str, ...]) -> None:
    for notice in notices:
        typer.echo(f"bench: {notice}", err=True)
    typer.echo(text, nl=False)
    sys.stdout.flush()


def _print_rows(root: Path, suites: list[str] | None, hosts: list[str] | None, teams: list[str] | None) -> None:
    from pydantic_core import to_json

    from bench.host.registry import known
    from bench.report.as_json import rows
    from bench.report.selection import chosen
    from bench.results.index.newest import read_newest
    from bench.results.query import read_pairs
    from bench.support.gc_paused import gc_paused

    with gc_paused():
        read, pairs = read_newest(root), read_pairs(root)
        hosts_known = known(root)
        for notice in (*hosts_known.notices, *read.notices, *pairs.notices):
            typer.echo(f"bench: {notice}", err=True)
        found = rows(chosen(root, read, hosts, suites, teams), hosts_known.profiles, pairs.records)
        typer.echo(to_json(found, indent=2, inf_nan_mode="null"))
