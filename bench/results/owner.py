"""Whose a working tree is: the team that what is measured in it is filed under."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from bench.errors import Fault, InputError
from bench.results.team import check_team
from bench.support.files import read_regular, write_whole

__all__ = ["OWNER_FILE", "TEAM_VARIABLE", "keep_owner", "owner"]

OWNER_FILE: Final = "team.txt"
"""Of a working tree: the team's name, and nothing else."""
TEAM_VARIABLE: Final = "BENCH_TEAM"
"""Goes before the file: a hosted notebook has no tree that lasts."""
_MOST_BYTES = 4096


def owner(root: Path) -> str | None:
    """The team whose tree `root` is: that of `BENCH_TEAM`, or the one that `team.txt` names; None where there is none.

    Raises InputError where either holds what can't be a team's name.
    """
    if (named := os.environ.get(TEAM_VARIABLE, "").strip()) != "":
        try:
            return check_team(named)
        except InputError as error:
            raise InputError(*(Fault(f"{TEAM_VARIABLE}: {fault.what}", fault.hint) for fault in error.faults)) from None
    path = root / OWNER_FILE
    try:
        text = read_regular(path, _MOST_BYTES).decode("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text in UTF-8"
        raise InputError(
            Fault(f"the team can't be read ({why})", "one line with its name, such as 07", path)
        ) from error
    return check_team(text.strip(), path, 1)


def keep_owner(root: Path, team: str) -> None:
    """Write the tree's owner down. Raises InputError where the tree has another one already, OSError where the disk
    refuses."""
    check_team(team)
    path = root / OWNER_FILE
    if os.path.lexists(path):
        try:
            there = read_regular(path, _MOST_BYTES).decode("utf-8-sig", errors="replace").strip()
        except OSError as error:
            raise InputError(Fault(f"can't be read ({error.strerror or error})", "take it away first", path)) from error
        if there == team:
            return
        hint = f"write {team} into it if that is what you want: what was measured before stays team {there}'s"
        raise InputError(Fault(f"this tree is team {there}'s already", hint, path, 1))
    write_whole(path, f"{team}\n", sync=False)
