"""Records by whose they are."""

from __future__ import annotations

from collections.abc import Iterable

from bench.results.record import Record

__all__ = ["by_team"]


def by_team(records: Iterable[Record]) -> dict[str, list[Record]]:
    """The records of each team, by its name; those of no team are the staff's own, and are left out."""
    found: dict[str, list[Record]] = {}
    for record in records:
        if record.team is not None:
            found.setdefault(record.team, []).append(record)
    return {team: found[team] for team in sorted(found)}
