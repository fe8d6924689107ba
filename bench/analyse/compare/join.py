"""Two stored sides joined cell by cell, and which of each side's records speak for a cell."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace

from bench.analyse.comparable import unfit
from bench.errors import Fault, InputError
from bench.results.query import identity, rank, runs
from bench.results.record import Record
from bench.results.sides import StoredSide

__all__ = ["MOST_RUNS", "Joined", "Joint", "join", "narrowed"]

MOST_RUNS = 10
"""Runs of a cell that speak for a side, at most: the newest."""


@dataclass(frozen=True)
class Joint:
    """One cell on both sides: the records that speak for each, one a run, the newest first.

    `same`: the newest record is the very same on both.
    """

    before: tuple[Record, ...]
    after: tuple[Record, ...]
    same: bool = False


@dataclass(frozen=True)
class Joined:
    """Cells of both sides in the order of the first, and the newest records of cells that only one of them has."""

    before: StoredSide
    after: StoredSide
    joints: tuple[Joint, ...]
    only_before: tuple[Record, ...]
    only_after: tuple[Record, ...]

    @property
    def names(self) -> tuple[str, str]:
        """What the sides are called."""
        return self.before.name, self.after.name


def join(before: StoredSide, after: StoredSide, wanted: Callable[[str], bool] = lambda _: True) -> Joined:
    """Join by model, variant, batch size and seed, of the cells whose ids are `wanted`.

    By suite too, unless both sides name different ones; by host too, where neither names one and there are several, and
    by team likewise. A side that leaves open what the other names is narrowed to that. Raises InputError where both
    sides are the very same records, where no cell is on both, and where it is open which host is meant.
    """
    before, after = narrowed(before, after), narrowed(after, before)
    by_suite = before.suite is None or after.suite is None or before.suite == after.suite
    hosts = [{record.host for record in side.records} for side in (before, after)]
    by_host = not (before.host or after.host) and max(map(len, hosts)) > 1
    teams = [{record.team for record in side.records} for side in (before, after)]
    by_team = not (before.team or after.team) and max(map(len, teams)) > 1

    def key(record: Record) -> Hashable:
        cell = (record.model, record.variant, record.batch_size, record.seed)
        place = (record.suite if by_suite else None, record.host if by_host else None)
        return (*cell, *place, record.team if by_team else None)

    ours, theirs = (_grouped(side.records, key, wanted) for side in (before, after))
    if ours.keys() == theirs.keys() and all(_equal(ours[one], theirs[one]) for one in ours):
        records = sum(map(len, ours.values()))
        what = f"'{before.text}' and '{after.text}' are the very same {records} record{'s' * (records != 1)}"
        raise InputError(Fault(what, "nothing was measured between them"))
    shared = [one for one in ours if one in theirs]
    if not shared:
        raise InputError(Fault("no cell is on both sides", f"{_holds(before, ours)}; {_holds(after, theirs)}"))
    return Joined(
        before,
        after,
        tuple(_joint(ours[one], theirs[one]) for one in shared),
        tuple(max(ours[one], key=rank) for one in ours if one not in theirs),
        tuple(max(theirs[one], key=rank) for one in theirs if one not in ours),
    )


def narrowed(side: StoredSide, other: StoredSide) -> StoredSide:
    """The side with its records of the host, suite and team alone that the other names and it leaves open, if it has
    any."""
    records = side.records
    if side.host is None and other.host is not None:
        hosts = list(dict.fromkeys(record.host for record in records))
        if other.host in hosts:
            records = tuple(record for record in records if record.host == other.host)
        elif len(hosts) > 1:
            what = f"'{side.text}' has several hosts, and none of them is {other.host}"
            raise InputError(Fault(what, f"name one of {', '.join(hosts)}"))
    if side.suite is None and other.suite is not None and any(record.suite == other.suite for record in records):
        records = tuple(record for record in records if record.suite == other.suite)
    if side.team is None and other.team is not None and any(record.team == other.team for record in records):
        records = tuple(record for record in records if record.team == other.team)
    return replace(side, records=records)


def _grouped(
    records: Iterable[Record], key: Callable[[Record], Hashable], wanted: Callable[[str], bool]
) -> dict[Hashable, list[Record]]:
    groups: dict[Hashable, list[Record]] = {}
    for record in runs(records):
        if wanted(record.cell):
            groups.setdefault(key(record), []).append(record)
    return groups


def _newest_first(records: Iterable[Record]) -> list[Record]:
    return sorted(records, key=rank)[::-1]


def _equal(ours: Sequence[Record], theirs: Sequence[Record]) -> bool:
    return len(ours) == len(theirs) and all(
        _same(one, other) for one, other in zip(_newest_first(ours), _newest_first(theirs), strict=True)
    )


def _same(one: Record, other: Record) -> bool:
    """Are they copies of one record?"""
    return one.started == other.started and one.timed == other.timed and identity(one) == identity(other)


def _joint(before: Sequence[Record], after: Sequence[Record]) -> Joint:
    """The records for each side: what only it has, where that is anything, so that no record speaks for both."""
    ours, theirs = _newest_first(before), _newest_first(after)
    if _same(ours[0], theirs[0]):
        return Joint((ours[0],), (theirs[0],), same=True)
    return Joint(_alike(_without(ours, theirs) or ours), _alike(_without(theirs, ours) or theirs))


def _without(records: Sequence[Record], others: Sequence[Record]) -> list[Record]:
    known: dict[str, list[Record]] = {}
    for other in others:
        known.setdefault(other.started, []).append(other)
    return [record for record in records if not any(_same(record, other) for other in known.get(record.started, ()))]


def _alike(records: Sequence[Record]) -> tuple[Record, ...]:
    """The newest record, and of the others those that are fit and were made under the very same conditions."""
    newest, *others = records
    if unfit(newest) or not newest.counts:
        return (newest,)
    alike = (
        record
        for record in others
        if record.counts
        and not unfit(record)
        and (record.workload, record.software, record.environment, record.device)
        == (newest.workload, newest.software, newest.environment, newest.device)
    )
    return (newest, *alike)[:MOST_RUNS]


def _holds(side: StoredSide, groups: dict[Hashable, list[Record]]) -> str:
    cells = list(dict.fromkeys(f"{record.suite}: {record.cell}" for group in groups.values() for record in group))
    shown = ", ".join(cells[:4]) + (", …" if len(cells) > 4 else "")
    return f"'{side.text}' has {len(cells)} ({shown})" if cells else f"'{side.text}' has none like that"
