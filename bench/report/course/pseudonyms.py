"""What teams are called on a board that all may see, and the key that only the staff have."""

from __future__ import annotations

import csv
import io
import re
import secrets
from collections.abc import Iterable
from pathlib import Path

from bench.errors import Fault, InputError
from bench.results.safe_paths import plain
from bench.support.files import read_regular, write_whole

__all__ = ["pseudonyms"]

_HEADER = ["team", "pseudonym"]
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without those that are taken for one another."""
_LENGTH = 4
_MOST_BYTES = 2**20
_LONGEST = 40
_NAME = re.compile(rf"(?=.{{1,{_LONGEST}}}$)\w+(?:[ _-]+\w+)*", re.ASCII)
"""Of pseudonyms: they name files, too."""


def pseudonyms(key: Path, teams: Iterable[str]) -> dict[str, str]:
    """The pseudonym of each team by the key, a CSV file; teams that it lacks get one by chance, and are added to it.

    Pseudonyms of the staff's own choosing stay. Raises InputError where the file isn't such a key, two teams share a
    pseudonym, or it can't be written.
    """
    known = _read(key)
    added = [team for team in sorted(set(teams)) if team not in known]
    taken = set(map(_file, known.values()))
    for team in added:
        while _file(name := "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))) in taken:
            pass
        taken.add(_file(name))
        known[team] = name
    if added:
        text = io.StringIO()
        csv.writer(text).writerows([_HEADER, *sorted(known.items())])
        try:
            write_whole(key, text.getvalue())
        except OSError as error:
            raise InputError(
                Fault(f"can't be written ({error.strerror or error})", "name another file", key)
            ) from error
    return known


def _file(name: str) -> str:
    """What its page is called, as disks see it that know no capitals: different ones are different pages."""
    return plain(name).casefold()


def _read(key: Path) -> dict[str, str]:
    try:
        rows = list(csv.reader(io.StringIO(read_regular(key, _MOST_BYTES, follow=True).decode("utf-8-sig"))))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise InputError(Fault(f"the pseudonyms can't be read ({why})", "a CSV file: team,pseudonym", key)) from None
    if not rows or rows[0] != _HEADER:
        raise InputError(Fault("is no key of pseudonyms", "its first line is team,pseudonym", key, 1))
    found: dict[str, str] = {}
    first: dict[str, int] = {}
    faults = []
    for line, row in enumerate(rows[1:], start=2):
        if len(row) != len(_HEADER) or not row[0] or not _NAME.fullmatch(row[1]):
            hint = f"such as 07,K7QM: letters, digits, and between them spaces, - and _, at most {_LONGEST}"
            faults.append(Fault("is no team and its pseudonym", hint, key, line))
            continue
        team, name = row
        if team in found:
            faults.append(Fault(f"team {team} stands there twice", "keep one", key, line))
        elif _file(name) in first:
            what = f"the pseudonym {name} is of two teams"
            faults.append(Fault(what, f"the other is on line {first[_file(name)]}", key, line))
        found[team] = name
        first.setdefault(_file(name), line)
    if faults:
        raise InputError(*faults)
    return found
