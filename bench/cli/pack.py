"""`bench pack`: a team's results as one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bench.cli.options import AsJson, Root

__all__ = ["pack"]


def pack(
    out: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Where to write it (bench-TEAM.zip).", dir_okay=False)
    ] = None,
    weights: Annotated[bool, typer.Option("--weights", help="Take along what was trained and kept.")] = False,
    figures: Annotated[bool, typer.Option("--figures", help="Take reports and their figures along.")] = False,
    unowned: Annotated[
        bool, typer.Option("--unowned", help="Take along records of no team, measured before the tree had an owner.")
    ] = False,
    root: Root = Path(),
    as_json: AsJson = False,
) -> None:
    """Make one file of the tree's owner's results, for whoever collects them with `bench collect`.

    It holds their records, pairs and networks, the profiles and calibrations of the hosts, the suites as they are now,
    and a manifest with the digest of each; no logs, and nothing else. The same content gives the same bytes. The owner
    is the team of team.txt (`bench init --team`) or of BENCH_TEAM.
    """
    from bench.bundle.pack import pack as packed
    from bench.cli.common import working_tree
    from bench.errors import Fault, InputError
    from bench.support.files import write_whole

    found = packed(working_tree(root), weights=weights, figures=figures, unowned=unowned)
    path = out or root / found.name
    try:
        write_whole(path, found.content)
    except OSError as error:
        raise InputError(Fault(f"can't be written ({error.strerror or error})", "name another file", path)) from error
    for text in found.left_out:
        typer.echo(f"bench: {text}", err=True)
    manifest, size = found.manifest, len(found.content)
    if as_json:
        import json

        entry = {
            "path": str(path),
            "team": manifest.team,
            "digest": manifest.digest,
            "records": found.records,
            "bytes": size,
            "files": sorted(manifest.files),
            "left_out": list(found.left_out),
        }
        typer.echo(json.dumps(entry, indent=2, ensure_ascii=False))
    else:
        typer.echo(
            f"{path}: team {manifest.team}, {found.records} record{'s' * (found.records != 1)}, "
            f"{len(manifest.files)} files, {size / 2**10:,.0f} KiB, digest {manifest.digest}"
        )
