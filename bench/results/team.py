"""Teams: what one may be called, and whose a file of results is by the folder that it lies in."""

from __future__ import annotations

import re
from pathlib import Path, PurePath
from typing import Annotated, Final

from pydantic import StringConstraints

from bench.errors import Fault, InputError

__all__ = ["LONGEST_TEAM", "RESERVED", "TeamName", "check_team", "is_team", "team_of_file"]

LONGEST_TEAM: Final = 40
_PATTERN: Final = rf"^[A-Za-z0-9][A-Za-z0-9_-]{{0,{LONGEST_TEAM - 1}}}$"
_NAME = re.compile(_PATTERN.rstrip("$") + r"\Z")
RESERVED: Final = frozenset(
    ("calibration", "checkpoints", "figures", "logs", "networks", "pairs", "pytest-benchmark", "weights")
)
"""Folders beside a host's journals, where those of teams lie too; in lower case, since some disks know no other."""

TeamName = Annotated[str, StringConstraints(pattern=_PATTERN)]


def is_team(name: str) -> bool:
    """Can a team be called so, and a folder of results with it?"""
    return _NAME.match(name) is not None and name.lower() not in RESERVED


def check_team(name: str, file: Path | None = None, line: int | None = None) -> str:
    """The name; raises InputError where no team can be called so. `file` and `line` are where it stands."""
    if is_team(name):
        return name
    if name.lower() in RESERVED:
        raise InputError(Fault(f"a team can't be called '{name}'", "a folder of results is called so", file, line))
    what = f"a team can't be called {name!r}" if name else "the team's name is empty"
    hint = f"up to {LONGEST_TEAM} letters (A to Z), digits, - and _, such as 07 or team-07"
    raise InputError(Fault(what, hint, file, line))


def team_of_file(path: PurePath) -> str | None:
    """The team whose journal lies there: `results/<host>/<team>/<suite>.jsonl`, or in that folder's `pairs`.

    None where the file is a host's own, as all were before there were teams.
    """
    folders = _folders(path)
    inside = len(folders) > 2 and folders[-3] == "results"
    return folders[-1] if inside and is_team(folders[-1]) else None


def _folders(path: PurePath) -> tuple[str, ...]:
    parts = path.parent.parts
    return parts[:-1] if parts and parts[-1] == "pairs" else parts
