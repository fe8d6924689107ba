"""`bench hosts publish`: a class's medians as a reference host."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["publish"]


def publish(
    context: typer.Context,
    host: Annotated[
        str, typer.Argument(metavar="HOST", help="The host that teams measured on, as `bench hosts` lists it.")
    ],
    name: Annotated[str, typer.Argument(metavar="ID", help="The id of the reference, such as colab-t4-2027.")],
    source: Annotated[str, typer.Option(help="Whose figures these are, such as 'Deep Learning, winter 2027'.")],
    label: Annotated[str | None, typer.Option(help="What tables call it. Default: as HOST is called.")] = None,
    least: Annotated[int, typer.Option(min=1, help="Teams that a cell needs, for a median to be published.")] = 3,
    replace: Annotated[
        bool, typer.Option("--replace", help="Take the place of what that host published before.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be written, and write nothing.")] = False,
    root: Annotated[Path | None, typer.Option("--root", help="As for `bench hosts`.", file_okay=False)] = None,
) -> None:
    """Write the medians over teams of what was measured on HOST as the published times of a reference host.

    Each team's newest record of a cell with the notebook's options counts once. `bench report` and `bench hosts` then
    show others beside it, as beside the shipped references.
    """
    from bench.analyse.course.reference import class_reference, notebook_times
    from bench.cli.common import working_tree
    from bench.errors import Fault, InputError, nearest
    from bench.host.profile import HostProfile, profile_path, save
    from bench.host.registry import check_id, known
    from bench.results.each_team import each_team

    check_id(name)
    tree = working_tree(root or context.obj)

    def tell(notice: str) -> None:
        typer.echo(f"bench: {notice}", err=True)

    hosts = known(tree)
    for notice in hosts.notices:
        tell(notice)
    hosts.need(host, name)
    by_id = {one.id: one for one in hosts.profiles}
    if host not in by_id:
        raise InputError(Fault(f"unknown host '{host}'", nearest(host, by_id)))
    there = by_id.get(name)
    if there is not None and there.published is not None and not replace:
        raise InputError(Fault(f"'{name}' has published times already", "--replace puts these in their place"))
    teams = list(each_team(tree, lambda _, records: notebook_times(records, host), tell, [host]))
    found = class_reference(by_id[host], teams, least, source, datetime.now(UTC).date().isoformat())
    if not found.times:
        what = f"no cell with the notebook's options was measured on {host} by {least} teams"
        raise InputError(Fault(what, f"--least N takes fewer; {len(teams)} teams have results there"))
    base = there or HostProfile(id=name, label=label or by_id[host].label)
    profile = base.model_copy(update={"published": found, "label": label or base.label})
    for time in found.times:
        typer.echo(f"{time.model}, batch {time.batch_size}: {time.step_ms:g} ms/step")
    path = profile_path(tree, name)
    if dry_run:
        typer.echo(f"{path} would be written", err=True)
        return
    save(profile, path)
    typer.echo(f"bench: wrote {path}", err=True)
