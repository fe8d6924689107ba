"""What became of the bundles that were collected: a table for people, entries for programs."""

from __future__ import annotations

from typing import Any

from bench.bundle.collect import Collected, Outcome, State
from bench.report.core.table import Heading, Note, Table
from bench.results.metric import ABSENT

__all__ = ["collected_fields", "collected_table"]

_WORDS: dict[State, str] = {"taken": "taken", "known": "there already", "refused": "refused"}


def collected_table(found: Collected) -> Table:
    """A row for each bundle, those that were refused last, and what to know of them all."""
    shown = sorted(found.outcomes, key=lambda one: one.state == "refused")
    columns = (
        Heading("bundle"),
        Heading("team"),
        Heading("records", "right"),
        Heading("new lines", "right"),
        Heading("what became of it"),
    )
    return Table("", columns, tuple(map(_row, shown)), tuple(Note(text) for text in _notes(found)))


def _row(one: Outcome) -> tuple[str, ...]:
    figures = (f"{one.records:,}", f"{one.new_lines:,}") if one.state == "taken" else (ABSENT, ABSENT)
    became = f"refused: {one.why}" if one.state == "refused" else _WORDS[one.state]
    return (one.where, one.team or ABSENT, *figures, became)


def _notes(found: Collected) -> list[str]:
    counts = ", ".join(f"{len(found.of(state))} {words}" for state, words in _WORDS.items())
    several = "s" if len(found.outcomes) != 1 else ""
    notes = [f"{len(found.outcomes)} bundle{several}: {counts}"]
    if found.looked.others:
        notes.append(f"{found.looked.others:,} of {found.looked.files:,} files hold no bundle, and were left alone")
    for team, bundles in found.twice().items():
        places = ", ".join(one.where for one in bundles)
        notes.append(f"team {team} handed in {len(bundles)} bundles, which were joined: {places}")
    return notes


def collected_fields(found: Collected) -> dict[str, Any]:
    """The same for programs."""
    return {
        "bundles": [
            {
                "where": one.where,
                "state": one.state,
                "team": one.team,
                "digest": one.digest,
                "records": one.records,
                "new_lines": one.new_lines,
                "why": one.why or None,
            }
            for one in found.outcomes
        ],
        "files": found.looked.files,
        "other_files": found.looked.others,
        "several_of_a_team": {team: [one.where for one in several] for team, several in found.twice().items()},
    }
