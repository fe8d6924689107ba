"""The audit of a tree: every record by itself, its line in its journal, and all beside each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bench.analyse.audit.copies import COPIES, copies
from bench.analyse.audit.curves import CURVES, curves
from bench.analyse.audit.declaration import AuditKind, Doubt, Verdict, worst
from bench.analyse.audit.others import OTHERS, beside_others
from bench.analyse.audit.registry import doubts_of, record_kinds
from bench.analyse.audit.seals import SEAL, SealCheck
from bench.analyse.audit.traces import PackedTraces, Trace, Where, trace_of
from bench.errors import InputError
from bench.host.profile import HostProfile
from bench.results.merged import lines_of
from bench.results.query import results_files
from bench.results.reading import MOST_BYTES, Wrong, each_line, refuse_foreign
from bench.results.record import Record
from bench.results.team import team_of_file
from bench.support.files import read_regular
from bench.support.gc_paused import gc_paused
from bench.support.side_by_side import side_by_side

__all__ = ["Audit", "Audited", "audit", "kinds"]

Profiles = Callable[[str, str | None], HostProfile | None]
Beside = Callable[[Sequence[Trace]], Iterable[tuple[int, Doubt]]]
"""What speaks against records once they are set beside each other, by their place."""


@dataclass(frozen=True)
class Audited:
    """A record that something speaks against."""

    where: Where
    doubts: tuple[Doubt, ...]

    @property
    def verdict(self) -> Verdict:
        """What the doubts come to."""
        return worst(self.doubts)


@dataclass
class Audit:
    """How many records of each team were judged (None: of no team), the teams that there are, records that aren't
    plausible, and notices."""

    records: Counter[str | None] = field(default_factory=Counter)
    teams: set[str | None] = field(default_factory=set)
    doubted: list[Audited] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def verdict_of(self, team: str | None) -> Verdict:
        """The worst of a team's records."""
        return worst(tuple(doubt for one in self.doubted if one.where.team == team for doubt in one.doubts))


def kinds() -> tuple[AuditKind, ...]:
    """All that an audit can find."""
    return (*record_kinds(), SEAL, *COPIES, *CURVES, *OTHERS)


def audit(root: Path, profile_of: Profiles, teams: Collection[str] | None = None) -> Audit:
    """Judge the records under `<root>/results`; `profile_of` gives the profile of a host as it came from a team.

    With `teams` only theirs are told of; all are looked at, for times may be another team's. Nothing is run. Each
    processor reads one file after the other, and little of it is kept: 60,000 records take some hundred MiB.
    """
    found = Audit()
    doubts: list[list[Doubt]] = []
    traces: list[Trace] = []
    with gc_paused():
        for judged in side_by_side(partial(_judged, root, profile_of), results_files(root)):
            found.notices += judged.notices
            traces += judged.traces.traces()
            doubts += judged.doubts
        for told in side_by_side(partial(_told, traces), (copies, curves, beside_others)):
            for place, doubt in told:
                doubts[place].append(doubt)
    for trace, own in zip(traces, doubts, strict=True):
        found.teams.add(trace.where.team)
        if teams is not None and trace.where.team not in teams:
            continue
        found.records[trace.where.team] += 1
        if own:
            found.doubted.append(Audited(trace.where, tuple(dict.fromkeys(own))))
    return found


def _told(traces: Sequence[Trace], beside: Beside) -> list[tuple[int, Doubt]]:
    return [*beside(traces)]


@dataclass(frozen=True)
class _Judged:
    """What one file's records are by themselves: their traces, and what speaks against each."""

    traces: PackedTraces
    doubts: list[list[Doubt]]
    notices: list[str]


def _judged(root: Path, profile_of: Profiles, path: Path) -> _Judged:
    traces: list[Trace] = []
    doubts: list[list[Doubt]] = []
    notices: list[str] = []
    try:
        with gc_paused():
            for record, where, of_line in _lines(root, path, notices):
                of_record = doubts_of(record, profile_of(record.host, record.team))
                traces.append(trace_of(record, where))
                doubts.append([*of_line, *of_record])
    except (InputError, OSError) as error:
        notices.append(f"{path}: can't be read, and wasn't judged ({error})")
    return _Judged(PackedTraces(traces), doubts, notices)


def _lines(root: Path, path: Path, notices: list[str]) -> Iterator[tuple[Record, Where, list[Doubt]]]:
    content = read_regular(path, MOST_BYTES)
    refuse_foreign(content, path)
    team, name = team_of_file(path.absolute()), path.relative_to(root).as_posix()
    seals = SealCheck(lines_of(content.removeprefix(b"\xef\xbb\xbf")))
    for line in each_line(content, Record, team=team):
        record = line.found
        if isinstance(record, Wrong):
            notices.append(f"{name}:{line.number}: this line is damaged, and wasn't judged ({record.why})")
        elif record is not None:
            where = Where(name, line.number, record.host, record.team, record.suite, record.cell, record.started)
            yield record, where, list(seals.doubts(line.number, record))
