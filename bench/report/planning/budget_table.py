"""What can be trained within a budget, network by network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.analyse.planning.affordable import Affordable, affordable
from bench.analyse.planning.budget import Budget
from bench.analyse.planning.prospects import Prospect
from bench.report.core.footnotes import Footnotes
from bench.report.core.table import Heading, Note, Table
from bench.report.planning.amounts import amount_fields, reading_text
from bench.report.planning.prospect_text import NAMED, NEVER, named, notes_of, prospect_fields

__all__ = ["budget_rows", "budget_table"]

_UNKNOWN = Affordable(NEVER, NEVER, NEVER)


def budget_table(budget: Budget, found: Sequence[Prospect]) -> Table:
    """A row for each prospect."""
    letters = Footnotes()
    headings = ("epochs", "million images", "held-out accuracy, %")
    return Table(
        title=f"What can be trained within {budget.text}",
        columns=(*NAMED, *(Heading(text, "right") for text in headings)),
        rows=tuple(_row(one, _affordable(budget, one), letters) for one in found),
        notes=(
            *notes_of(found),
            Note("accuracy: the best that its trainings had reached after the epochs that are surely paid for"),
            *letters.notes(),
        ),
    )


def budget_rows(budget: Budget, found: Sequence[Prospect]) -> list[dict[str, Any]]:
    """For programs; accuracies are shares of 1."""
    return [
        prospect_fields(one)
        | {name: amount_fields(getattr(what, name)) for name in ("epochs", "images", "accuracy")}
        | {"notes": list(what.notes)}
        for one in found
        for what in [_affordable(budget, one)]
    ]


def _affordable(budget: Budget, one: Prospect) -> Affordable:
    return _UNKNOWN if one.pace is None else affordable(budget, one.pace, one.trained or one.elsewhere, one.profile)


def _row(one: Prospect, what: Affordable, letters: Footnotes) -> tuple[str, ...]:
    return (
        *named(one, what.notes, letters),
        reading_text(what.epochs, letters),
        reading_text(what.images, letters, 1e-6),
        reading_text(what.accuracy, letters, 100),
    )
