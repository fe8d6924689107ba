"""What an audit found: a row a team, and the evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.analyse.audit.audit import Audit, Audited
from bench.analyse.audit.declaration import VERDICTS
from bench.report.core.table import Heading, Note, Table
from bench.results.metric import ABSENT

__all__ = ["audit_lines", "audit_table"]

_SHOWN = 5
_WORST_FIRST = tuple(reversed(VERDICTS))


def audit_table(found: Audit) -> Table:
    """A row for each team: how many of its records are what."""
    counts = {(team, verdict): 0 for team in found.records for verdict in VERDICTS}
    for one in found.doubted:
        counts[one.where.team, one.verdict] += 1
    rows = []
    for team, records in sorted(found.records.items(), key=lambda each: each[0] or ""):
        odd, impossible = counts[team, "odd"], counts[team, "impossible"]
        plausible = records - odd - impossible
        rows.append(
            (team or ABSENT, *(f"{n:,}" for n in (records, plausible, odd, impossible)), found.verdict_of(team))
        )
    columns = (
        Heading("team"),
        *(Heading(name, "right") for name in ("records", "plausible", "odd", "impossible")),
        Heading("verdict"),
    )
    note = "plausible: nothing speaks against it, which proves nothing; odd: somebody should look; impossible: what is "
    note += "written can't have been measured so. None of it says why, or whose doing it was"
    return Table("", columns, tuple(rows), (Note(note),))


def audit_lines(found: Audit, *, full: bool = False) -> Iterator[str]:
    """The evidence, the worst first: of each team and kind a few, and of all with `full`."""
    groups: dict[tuple[str, str | None, str], list[tuple[Audited, str]]] = {}
    for verdict in _WORST_FIRST:
        for one in found.doubted:
            for doubt in one.doubts:
                if doubt.verdict == verdict:
                    told = f"{doubt.evidence} [{doubt.sure}]"
                    groups.setdefault((verdict, one.where.team, doubt.code), []).append((one, told))
    for (worse, _, code), every in groups.items():
        yield from _of_group(worse, code, every, full=full)


def _of_group(verdict: str, code: str, every: Sequence[tuple[Audited, str]], *, full: bool) -> Iterator[str]:
    shown = every if full else every[:_SHOWN]
    for one, told in shown:
        yield f"{verdict}, {code}: {one.where}: {told}"
    if len(every) > len(shown):
        yield f"{verdict}, {code}: and {len(every) - len(shown)} more of this team; --full shows all"
