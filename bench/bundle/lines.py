"""Lines of a journal that a bundle can't hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from pydantic_core import from_json

from bench.bundle.form import Member

__all__ = ["Odd", "journal_lines"]


class Odd(NamedTuple):
    """What is wrong with a line: it is no record, or one of another `team` or `host`, which is called `name`."""

    what: Literal["form", "team", "host"]
    name: str = ""


def journal_lines(content: bytes, of: Member, team: str) -> Iterator[tuple[int, Odd | None]]:
    """Each line of the journal `of` that `team`'s bundle holds, by its number from 1; None: nothing is wrong with it.

    Lines that are no JSON pass: whoever reads them passes over them too.
    """
    for number, line in enumerate(content.split(b"\n"), start=1):
        if line.strip():
            yield number, _odd(line, of, team)


def _odd(line: bytes, of: Member, team: str) -> Odd | None:
    try:
        fields = from_json(line)
    except ValueError:
        return None
    if not isinstance(fields, dict):
        return Odd("form")
    if of.kind == "calibration":
        return None
    if fields.get("team") not in (None, team):
        return Odd("team", _word(fields["team"]))
    if fields.get("host") != of.host:
        return Odd("host", _word(fields.get("host")))
    return None


def _word(value: object) -> str:
    return str(value)[:60]
