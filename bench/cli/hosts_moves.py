"""`bench hosts rename` and `bench hosts merge`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.host.moving import Move
    from bench.results.moved import Moved

__all__ = ["merge", "rename"]

Root = Annotated[Path | None, typer.Option("--root", help="As for `bench hosts`.", file_okay=False)]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be done, and do nothing.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def rename(
    context: typer.Context,
    old: Annotated[str, typer.Argument(metavar="OLD", help="A host's id, as `bench hosts` lists it.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The id that it gets; OLD again for another label alone.")],
    label: Annotated[str | None, typer.Option(metavar="TEXT", help="What tables call it from now on.")] = None,
    dry_run: DryRun = False,
    root: Root = None,
    as_json: AsJson = False,
) -> None:
    """Give a host another id: its profile, and everything under results/OLD, in which each record then names NEW.

    The machine is known by both ids from then on. Published times that ship with the harness stay under the id that
    they have. Wherever it is cut off, nothing is lost, and the same command again does the rest. Let no run be at work
    on that host meanwhile: what it still measures goes under OLD, and wants renaming again.
    """
    from bench.host.moving import rename as move

    _tell(move(_tree(context, root), old, new, label, dry_run=dry_run), dry_run, as_json)


def merge(
    context: typer.Context,
    old: Annotated[str, typer.Argument(metavar="FROM", help="The host's id, which then no longer exists.")],
    into: Annotated[str, typer.Argument(metavar="INTO", help="The id that its records get.")],
    force: Annotated[bool, typer.Option("--force", help="Merge even if they are different machines.")] = False,
    dry_run: DryRun = False,
    root: Root = None,
    as_json: AsJson = False,
) -> None:
    """Put a host's records among another's that is the same machine, each once, in the order of their beginnings.

    Of what both profiles know, the newer figure counts, and on one day INTO's; FROM's fills what INTO lacks; id, label,
    hardware and price are INTO's. Machines that timings tell apart are refused, and what differs is named; with --force
    INTO keeps its own figures alone. Wherever it is cut off, nothing is lost, and the same command again does the rest.
    """
    from bench.host.moving import merge as move

    _tell(move(_tree(context, root), old, into, force=force, dry_run=dry_run), dry_run, as_json)


def _tree(context: typer.Context, root: Path | None) -> Path:
    from bench.cli.common import working_tree

    return working_tree(root or context.obj)


def _tell(found: Move, dry_run: bool, as_json: bool) -> None:
    for notice in found.notices:
        typer.echo(f"bench: {notice}", err=True)
    if as_json:
        import json

        typer.echo(json.dumps(_entry(found, dry_run), indent=2, ensure_ascii=False))
    else:
        typer.echo("\n".join(_lines(found, dry_run)))


def _lines(found: Move, dry_run: bool) -> Iterator[str]:
    new = found.new
    if found.done_before:
        yield f"{found.old} is {new} already: nothing is left to do"
        return
    if found.old == new:
        yield f"{new} {'would be' if dry_run else 'is'} labelled {found.profile.label}"
        return
    yield f"{found.old} {'would be' if dry_run else 'is now'} {new} ({found.profile.label}): hosts/{new}.yaml"
    yield from (f"  {line}" for line in map(_file, found.files) if line)
    others = sum(one.lines is None for one in found.files)
    if others:
        yield f"  {others} other file{'s' * (others > 1)}"
    if found.took:
        yield f"  of {found.old}'s profile: {', '.join(found.took)}"
    if found.left:
        yield f"  {new} keeps its own, and {found.old}'s are gone: {', '.join(found.left)}"
    if found.stays:
        yield f"  under {found.old} {'would stay' if dry_run else 'stays'} {found.stays}"
    if found.files:
        yield "`bench report` writes results/report.md and its figures anew"


def _file(one: Moved) -> str:
    if one.lines is None:
        return f"{one.file} → {one.kept_as}" if one.kept_as else ""
    lines = one.lines
    parts = [f"{lines.moved} line{'s' * (lines.moved != 1)}"]
    if lines.duplicates:
        parts.append(f"{lines.duplicates}{' more' if lines.moved else ''} were there already")
    if lines.unchanged:
        parts.append(f"{lines.unchanged} of them damaged or of another host, and unchanged")
    return f"{one.file}: {', '.join(parts)}"


def _entry(found: Move, dry_run: bool) -> dict[str, Any]:
    return {
        "old": found.old,
        "new": found.new,
        "dry_run": dry_run,
        "done_before": found.done_before,
        "profile": found.profile.model_dump(mode="json"),
        "took": found.took,
        "left": found.left,
        "stays": found.stays,
        "files": [
            {
                "file": one.file,
                "kept_as": one.kept_as,
                "moved": one.lines and one.lines.moved,
                "duplicates": one.lines and one.lines.duplicates,
                "unchanged": one.lines and one.lines.unchanged,
            }
            for one in found.files
        ],
    }
