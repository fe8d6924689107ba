"""`bench import`: other people's machines as hosts to stand beside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bench.cli.options import AsJson, Root

if TYPE_CHECKING:
    from bench.host.imported.plan import Import

__all__ = ["imports"]


def imports(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE…", help="JSON of pytest-benchmark, or the text that AI Benchmark printed."),
    ],
    name: Annotated[str | None, typer.Option("--as", metavar="ID", help="The host's id, for one file.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be made, and write nothing.")] = False,
    root: Root = Path(),
    as_json: AsJson = False,
) -> None:
    """Make hosts of what others have measured: hosts/ID.yaml for each file, marked as imported.

    Their figures stand beside yours as published ones do, with their file as the source, and are never taken for
    measured here. All files are checked before anything is written, and no host that is there is written over. Nothing
    in a file is run.
    """
    from bench.cli.common import working_tree
    from bench.host.imported.plan import import_hosts

    found = import_hosts(working_tree(root), files, name, dry_run=dry_run)
    if as_json:
        import json

        typer.echo(json.dumps([_entry(one, dry_run) for one in found], indent=2, ensure_ascii=False))
    else:
        typer.echo("\n".join(_lines(found, dry_run)))


def _lines(found: Sequence[Import], dry_run: bool) -> Iterator[str]:
    for one in found:
        done = "is there already" if one.unchanged else "would be made" if dry_run else "was made"
        yield f"{one.profile.id} ({one.profile.label}) {done}: hosts/{one.path.name}"
        yield from (f"  taken: {what}" for what in one.found.taken)
        yield from (f"  not taken: {what}" for what in one.found.left)
        yield f"  {one.found.published.source}"


def _entry(one: Import, dry_run: bool) -> dict[str, Any]:
    return {
        "file": str(one.found.file),
        "host": one.profile.id,
        "path": str(one.path),
        "dry_run": dry_run,
        "unchanged": one.unchanged,
        "taken": one.found.taken,
        "not_taken": one.found.left,
        "profile": one.profile.model_dump(mode="json", exclude_none=True),
    }
