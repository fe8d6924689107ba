"""Which of the stored records a report is about."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from bench.errors import Fault, InputError, nearest
from bench.results.reading import Read
from bench.results.record import Record

__all__ = ["chosen"]


def chosen(
    root: Path,
    read: Read[Record],
    hosts: Collection[str] | None,
    suites: Collection[str] | None,
    teams: Collection[str] | None = None,
) -> tuple[Record, ...]:
    """The records of these hosts, suites and teams; raises `InputError` where there are none."""
    if not read.records:
        raise InputError(
            Fault(
                "no results yet", "`bench run suites/cnn.yaml` measures some, or name another --root", root / "results"
            ),
            *(Fault(notice) for notice in read.notices),
        )
    faults = [
        *_unknown("host", hosts, (record.host for record in read.records)),
        *_unknown("suite", suites, (record.suite for record in read.records)),
        *_unknown("team", teams, (record.team for record in read.records if record.team is not None)),
    ]
    if faults:
        raise InputError(*faults)
    records = tuple(
        record
        for record in read.records
        if (not hosts or record.host in hosts) and (not suites or record.suite in suites)
        if not teams or record.team in teams
    )
    if not records:
        raise InputError(
            Fault(
                "none of the suites named was measured on the hosts named, by the teams named",
                "`bench report` shows all",
            )
        )
    return records


def _unknown(what: str, wanted: Collection[str] | None, known: Iterable[str]) -> list[Fault]:
    names = list(dict.fromkeys(known))
    return [
        Fault(f"no results of the {what} '{name}'", nearest(name, names)) for name in wanted or () if name not in names
    ]
