"""One side of a comparison: stored records, named by host, suite, file or tree, and by date or git revision."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path, PurePosixPath

from bench.errors import Fault, InputError, nearest
from bench.results.git import resolve
from bench.results.place import Pattern, Place, is_there, place
from bench.results.query import identity, together, when
from bench.results.reading import MOST_BYTES, Read, parse
from bench.results.reading import read as read_file
from bench.results.record import Record
from bench.results.team import team_of_file

__all__ = ["StoredSide", "read_side"]

_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}([T ].*)?")


@dataclass(frozen=True)
class StoredSide:
    """Records under the text that the user named them by.

    `host`, `team` and `suite` are those that the text names, or the only ones in a file that it names; None: it leaves
    them open. `root` is the tree whose hosts' profiles are theirs. `files` are those that the records lie in, one for
    each record; those of a revision may be gone.
    """

    text: str
    root: Path
    host: str | None
    suite: str | None
    records: tuple[Record, ...]
    notices: tuple[str, ...]
    files: tuple[Path, ...] = ()
    team: str | None = None

    @property
    def name(self) -> str:
        """What the side is called: its text, and `now` for a bare @."""
        return self.text.removesuffix("@") or "now"

    def file_of(self, record: Record) -> Path:
        """The file that one of the records lies in."""
        named = (identity(record), record.started, record.windows)
        return next(
            file
            for file, one in zip(self.files, self.records, strict=True)
            if (identity(one), one.started, one.windows) == named
        )


def read_side(root: Path, text: str, published: Collection[str] = (), *, strict: bool = False) -> StoredSide:
    """Read the side that `text` names: `[HOST][/TEAM][/SUITE][@WHEN]`, or a path to a `.jsonl` file, a tree or its
    results.

    WHEN is a day (`2026-11-20`: all until its end, UTC), a moment (`2026-11-20T13:00`) or a git revision: the results
    as committed there. `published` are hosts known by published times alone. Raises InputError where the text names
    nothing, or what it names holds no record, or `strict`ly (see `bench.results.reading.read`) one of a newer form.
    """
    where, moment = _split(text)
    spot = place(root, where)
    until = _until(moment)
    read, known, files = _at(spot, moment, strict) if moment and until is None else _now(spot, strict)
    records = read.records
    if not records:
        raise InputError(_nothing(text, spot, known, published), *map(Fault, read.notices[:3]))
    if until is not None:
        early = [i for i, record in enumerate(records) if when(record) < until]
        records, files = tuple(records[i] for i in early), [files[i] for i in early]
        if not records:
            first = min(map(when, read.records)).astimezone(UTC)
            raise InputError(
                Fault(f"'{text}': nothing was measured by then", f"the first record is of {first:%Y-%m-%d}")
            )
    hosts, suites = {record.host for record in records}, {record.suite for record in records}
    teams = {record.team for record in records}
    return StoredSide(
        text,
        spot.root,
        spot.host or (hosts.pop() if spot.is_file and len(hosts) == 1 else None),
        spot.suite or (suites.pop() if spot.is_file and len(suites) == 1 else None),
        records,
        read.notices,
        tuple(files),
        spot.team or (teams.pop() if spot.is_file and len(teams) == 1 else None),
    )


def _split(text: str) -> tuple[str, str]:
    """What is named, and when; the latter is empty for now."""
    if not text.strip():
        raise InputError(
            Fault("a side is empty", "HOST, HOST/SUITE, HOST@2026-11-20, @HEAD~1, or a path; @ alone is all")
        )
    if is_there(text):
        return text, ""
    where, _, moment = text.partition("@")
    return where, moment


def _until(moment: str) -> datetime | None:
    """The first moment that is too late; None where `moment` isn't in the form of a date."""
    if not _DATE.fullmatch(moment):
        return None
    try:
        if len(moment) == len("2026-11-20"):
            day = date.fromisoformat(moment)
            return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
        found = datetime.fromisoformat(moment)
    except (ValueError, OverflowError):
        hint = "year-month-day, such as 2026-11-20, or 2026-11-20T13:00 (UTC)"
        raise InputError(Fault(f"'{moment}' is no date", hint)) from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)) + timedelta(microseconds=1)


def _now(spot: Place, strict: bool) -> tuple[Read[Record], tuple[str, ...], list[Path]]:
    """The records that lie there, the names of the files that it could have been, and the file of each record."""
    found = (path.relative_to(spot.base).as_posix() for one in spot.every for path in spot.base.glob(one.text))
    known = _known(spot, found)
    return _found(spot, known, lambda name: read_file(spot.base / name, strict=strict))


def _at(spot: Place, revision: str, strict: bool) -> tuple[Read[Record], tuple[str, ...], list[Path]]:
    """The same, as it was committed."""
    commit = resolve(spot.base, revision)
    known = _known(spot, commit.names())
    read, known, files = _found(
        spot,
        known,
        lambda name: parse(
            commit.content(name, MOST_BYTES), commit.label(name), strict=strict, team=team_of_file(PurePosixPath(name))
        ),
    )
    return Read(read.records, (*commit.notices, *read.notices)), known, files


def _found(
    spot: Place, known: tuple[str, ...], content: Callable[[str], Read[Record]]
) -> tuple[Read[Record], tuple[str, ...], list[Path]]:
    files: list[Path] = []

    def noted(name: str) -> Read[Record]:
        read = content(name)
        files.extend([spot.base / name] * len(read.records))
        return read

    return together(noted, [name for name in known if _fits(name, spot.wanted)]), known, files


def _known(spot: Place, names: Iterable[str]) -> tuple[str, ...]:
    """Those of the names that could be meant: hosts' own files, then those of teams."""
    every = sorted(set(names))
    return tuple(name for one in spot.every for name in every if one.fits(name))


def _fits(name: str, patterns: Iterable[Pattern]) -> bool:
    return any(one.fits(name) for one in patterns)


def _nothing(text: str, spot: Place, known: Collection[str], published: Collection[str]) -> Fault:
    """Why there is no record."""
    host_of = {name: next(one.host_of(name) for one in spot.every if one.fits(name)) for name in known}
    hosts = sorted(set(host_of.values()))
    if spot.host in published and spot.host not in hosts:
        return Fault(
            f"'{text}': {spot.host} has only published times, and none measured",
            "the handout's table in `bench report` sets those beside measured ones",
        )
    if spot.host is not None and spot.host not in hosts:
        return Fault(f"'{text}': nothing was measured on a host '{spot.host}'", nearest(spot.host, hosts))
    if spot.suite is not None:
        at = f" on {spot.host}" if spot.host else ""
        suites = sorted({PurePosixPath(name).stem for name in known if not at or host_of[name] == spot.host})
        if spot.suite not in suites:
            what = "suite or team" if at else "suite"
            return Fault(f"'{text}': no {what} '{spot.suite}' was measured{at}", nearest(spot.suite, suites))
    what, file = ("it holds", spot.base / spot.every[0].text) if spot.is_file else ("there is", spot.base)
    return Fault(f"'{text}': {what} no record", "`bench run SUITE` measures some", file)
