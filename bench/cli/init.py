"""`bench init DIR`: a fresh working tree."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from bench.errors import Fault, InputError
from bench.support.files import write_whole
from bench.support.resources import shipped_folder

__all__ = ["init"]


def init(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Folder to lay the tree out in (this one).")] = Path(),
    team: Annotated[
        str | None, typer.Option(metavar="TEAM", help="Whose tree it is: a number or name, such as 07, into team.txt.")
    ] = None,
) -> None:
    """Lay out suites/, hosts/ and results/ in a folder of your own. Files that are there already stay as they are.

    What is measured in a team's tree is filed under results/HOST/TEAM. Where no tree lasts, as in a hosted notebook,
    the environment variable BENCH_TEAM says the same, and goes before the file.
    """
    from bench.host.registry import references
    from bench.results.owner import keep_owner
    from bench.results.team import check_team

    if team is not None:
        check_team(team)
    kept: list[Path] = []
    try:
        if team is not None:
            folder.mkdir(parents=True, exist_ok=True)
            keep_owner(folder, team)
        suites = [file for file in sorted(shipped_folder("suites").iterdir()) if file.suffix in (".yaml", ".json")]
        for kind, files in (("suites", suites), ("hosts", references())):
            (folder / kind).mkdir(parents=True, exist_ok=True)
            for file in files:
                target = folder / kind / file.name
                if os.path.lexists(target):
                    kept.append(target)
                else:
                    write_whole(target, file.read_bytes(), sync=False)
        (folder / "results").mkdir(exist_ok=True)
    except OSError as error:
        raise InputError(
            Fault(f"can't be laid out: {error.strerror}", "make room, or name a folder you may write", folder)
        ) from error
    for path in kept:
        typer.echo(f"{path} was there already and stays as it is", err=True)
    whose = f", and it is team {team}'s" if team is not None else ""
    go = "" if folder == Path() else f"cd {folder} && "
    typer.echo(
        f"{folder}: suites/, hosts/ and results/ are there{whose}. Go on with:\n\n    {go}bench run suites/cnn.yaml"
    )
