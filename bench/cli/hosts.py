"""`bench hosts`: the machines that results know, the published ones and this one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bench.cli import hosts_moves, hosts_publish
from bench.cli.options import MachineOrNodes, OnNodes
from bench.cli.where import Where

if TYPE_CHECKING:
    from bench.report.hosts.catalog import KnownHosts

__all__ = ["app"]

app = typer.Typer(
    help="List the known hosts; subcommands show, rename, merge or publish them.",
    invoke_without_command=True,
    rich_markup_mode=None,
)
app.command()(hosts_moves.rename)
app.command()(hosts_moves.merge)
app.command()(hosts_publish.publish)

Root = Annotated[
    Path,
    typer.Option(
        "--root", envvar="BENCH_ROOT", help="The working tree: hosts/ and results/ lie there.", file_okay=False
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@app.callback()
def hosts(
    context: typer.Context,
    executor: MachineOrNodes = "local",
    on: OnNodes = None,
    root: Root = Path(),
    as_json: AsJson = False,
) -> None:
    """List the known hosts: those with published times, those with results, and this machine.

    On a machine with several GPUs or MIG slices each kind is a host of its own, and so is its processor. With
    --executor ray list the nodes of a cluster instead, with the host that each is.
    """
    if context.invoked_subcommand is not None:
        if as_json:
            raise typer.BadParameter(f"--json belongs after {context.invoked_subcommand}")
        context.obj = root
        return
    where = Where.of_verb(executor, on)
    if where.ray:
        from bench.cli.common import working_tree
        from bench.cli.hosts_of_nodes import show_nodes

        show_nodes(where, working_tree(root), as_json)
        return
    known = _known(root)
    if as_json:
        _echo_json(_entries(known))
        return
    from bench.report.core.markdown import render
    from bench.report.hosts.facts import host_facts
    from bench.report.hosts.table import candidates_table, hosts_tables

    tables = list(hosts_tables(host_facts(known.profiles, known.records), known.here))
    if len(known.candidates) > 1:
        tables.append(candidates_table(known.candidates))
    typer.echo("\n".join(map(render, tables)), nl=False)


@app.command()
def show(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="ID", help="A host's id, as `bench hosts` lists it.")],
    root: Annotated[Path | None, typer.Option("--root", help="As for `bench hosts`.", file_okay=False)] = None,
    as_json: AsJson = False,
) -> None:
    """Show one machine: what it is, its card's datasheet and how much of it was measured, its roofs, its AI-Score with
    every test, its noise and price, and the times published for it, measured on it and expected of it."""
    known = _known(root or context.obj)
    profile = next((one for one in known.profiles if one.id == name), None)
    if profile is None:
        from bench.errors import Fault, InputError, nearest

        if name in known.unread:
            raise InputError(*known.unread[name])
        now = next((one.id for one in known.profiles if name in one.formerly), None)
        hint = f"it is called '{now}' now" if now else nearest(name, [one.id for one in known.profiles])
        raise InputError(Fault(f"unknown host '{name}'", hint))
    if as_json:
        _echo_json(next(entry for entry in _entries(known) if entry["id"] == name))
        return
    from bench.report.hosts.page import host_page
    from bench.results.query import latest

    ours = [record for record in latest(known.records) if record.host == name]
    typer.echo(host_page(profile, known.profiles, ours, known.of(profile)), nl=False)


def _known(root: Path) -> KnownHosts:
    """Every host, and what the user should know told."""
    from bench.cli.common import working_tree
    from bench.report.hosts.catalog import known_hosts
    from bench.support.gc_paused import gc_paused

    working_tree(root)
    with gc_paused():
        known = known_hosts(root)
    for notice in known.notices:
        typer.echo(f"bench: {notice}", err=True)
    return known


def _entries(known: KnownHosts) -> list[dict[str, Any]]:
    from bench.report.hosts.as_json import host_entry
    from bench.report.hosts.facts import host_facts

    return [
        host_entry(one, known.profiles, known.of(one.profile), is_measured=known.is_measured(one.profile))
        for one in host_facts(known.profiles, known.records)
    ]


def _echo_json(value: object) -> None:
    import json

    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))
