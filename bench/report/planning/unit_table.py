"""The unit table: what training a network to a target takes on each host."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.analyse.planning.needs import Needs, needs
from bench.analyse.planning.prospects import Prospect
from bench.analyse.planning.target import Target
from bench.report.core.footnotes import Footnotes
from bench.report.core.table import Note, Table
from bench.report.planning.amounts import amount_fields
from bench.report.planning.figure_columns import FigureColumn, figure_columns
from bench.report.planning.prospect_text import NAMED, NEVER, named, notes_of, prospect_fields

__all__ = ["unit_rows", "unit_table"]

_UNKNOWN = Needs(NEVER, NEVER, NEVER, None, NEVER, NEVER)
_FIGURES = ("seconds", "joules", "money", "co2_grams", "quota_hours")


def unit_table(target: Target, network: str, found: Sequence[Prospect]) -> Table:
    """A row for each prospect of the network."""
    letters = Footnotes()
    each = [_needs(target, one) for one in found]
    headings, figures, notes = figure_columns(
        (
            FigureColumn("minutes", [one.seconds for one in each], 1 / 60),
            FigureColumn("joules", [one.joules for one in each]),
            FigureColumn("money", [one.money for one in each], after=[one.currency or "" for one in each]),
            FigureColumn("g CO₂", [one.co2_grams for one in each]),
            FigureColumn("quota hours", [one.quota_hours for one in each]),
        ),
        [one.profile.label for one in found],
    )
    rows = tuple(
        (*named(one, what.notes, letters), *figures(place, letters))
        for place, (one, what) in enumerate(zip(found, each, strict=True))
    )
    energy = any(one.joules.value is not None for one in each)
    return Table(
        title=f"{network}: {target}",
        columns=(*NAMED, *headings),
        rows=rows,
        notes=(
            *notes_of(found),
            *([Note("joules, and the CO₂ of these, are the GPU's alone")] if energy else []),
            *notes,
            *letters.notes(),
        ),
    )


def unit_rows(target: Target, found: Sequence[Prospect]) -> list[dict[str, Any]]:
    """For programs: in seconds, joules, `currency`, grams and hours."""
    return [
        prospect_fields(one)
        | {name: amount_fields(getattr(what, name)) for name in _FIGURES}
        | {"currency": what.currency, "notes": list(what.notes)}
        for one in found
        for what in [_needs(target, one)]
    ]


def _needs(target: Target, one: Prospect) -> Needs:
    return _UNKNOWN if one.pace is None else needs(target, one.pace, one.trained, one.profile, one.elsewhere)
