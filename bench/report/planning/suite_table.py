"""How long and how dear a suite will be, host by host."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from bench.analyse.planning.amount import Amount
from bench.analyse.planning.budget import Budget
from bench.analyse.planning.suite_plan import CellTime, SuitePlan
from bench.report.core.footnotes import Footnotes
from bench.report.core.table import Heading, Note, Table
from bench.report.planning.amounts import amount_fields, amount_text
from bench.report.planning.figure_columns import FigureColumn, figure_columns
from bench.results.metric import ABSENT
from bench.system.nvml import Reading

__all__ = ["suite_rows", "suite_table"]


def suite_table(title: str, plans: Sequence[SuitePlan], budget: Budget | None = None) -> Table:
    """A row for each host; notes name the cells that were never measured there."""
    letters = Footnotes()
    headings, costs, notes = figure_columns(
        (
            FigureColumn("minutes", [Reading(one.seconds) for one in plans], 1 / 60),
            FigureColumn("money", [one.money for one in plans], after=[_currency(one) or "" for one in plans]),
            FigureColumn("quota hours", [one.quota_hours for one in plans]),
        ),
        [one.profile.label for one in plans],
    )
    named = [Heading(text, "right") for text in ("cells", "known", "minutes guessed")]
    within = [] if budget is None else [Heading(f"cells within {budget.text}", "right")]
    rows = [
        (*_row(one, letters), *costs(place, letters), *([] if budget is None else [_paid(one, budget, letters)]))
        for place, one in enumerate(plans)
    ]
    return Table(
        title=title,
        columns=(Heading("host"), *named, *headings, *within),
        rows=tuple(rows),
        notes=(
            Note("of one pass over all cells, as bench run makes by default; known: measured there before"),
            Note("in brackets: 95 % interval over runs, where every cell had several there"),
            *notes,
            *letters.notes(),
        ),
    )


def suite_rows(plans: Sequence[SuitePlan], budget: Budget | None = None) -> list[dict[str, Any]]:
    """For programs, each host with its cells; `within_budget` are the cells, from the first on, that it pays for."""
    return [
        {
            "host": one.profile.id,
            "seconds": amount_fields(Reading(one.seconds)),
            "known_seconds": amount_fields(Reading(one.known)),
            "money": amount_fields(one.money),
            "currency": _currency(one),
            "quota_hours": amount_fields(one.quota_hours),
            "cells": [_cell(cell) for cell in one.cells],
        }
        | ({} if budget is None else _within(one, budget))
        for one in plans
    ]


def _cell(one: CellTime) -> dict[str, Any]:
    fields = amount_fields(Reading(one.seconds))
    return {"cell": one.cell, "seconds": fields, "known": one.is_known, "basis": one.basis, "skip": one.skip}


def _within(one: SuitePlan, budget: Budget) -> dict[str, Any]:
    found = one.within(budget)
    cells = list(found.value) if found.value is not None else None
    return {"within_budget": cells, "within_budget_absent": found.reason}


def _currency(one: SuitePlan) -> str | None:
    return one.profile.price.currency if one.profile.price else None


def _row(one: SuitePlan, letters: Footnotes) -> tuple[str, ...]:
    guessed = sum(cell.seconds.value for cell in one.guessed)
    remarks = letters.marks(_remarks(one))
    return (
        one.profile.label,
        str(len(one.cells)),
        f"{sum(cell.is_known for cell in one.cells)}" + (f" ({remarks})" if remarks else ""),
        amount_text(Amount(guessed), 1 / 60) if one.guessed else ABSENT,
    )


def _paid(one: SuitePlan, budget: Budget, letters: Footnotes) -> str:
    found = one.within(budget)
    return f"{ABSENT} ({letters.marks([found.reason or ''])})" if found.value is None else str(len(found.value))


_MOST_NAMED = 8


def _remarks(one: SuitePlan) -> Iterator[str]:
    by_basis: dict[str, list[str]] = {}
    for cell in one.guessed:
        by_basis.setdefault(cell.basis, []).append(cell.cell)
    for basis, cells in by_basis.items():
        more = f" and {len(cells) - _MOST_NAMED} more" if len(cells) > _MOST_NAMED else ""
        yield f"never measured there, {basis}: {', '.join(cells[:_MOST_NAMED])}{more}"
    skipped: dict[str, list[str]] = {}
    for cell in one.cells:
        if cell.skip is not None:
            skipped.setdefault(cell.skip, []).append(cell.cell)
    for why, cells in skipped.items():
        yield f"skipped there: {', '.join(cells[:_MOST_NAMED])} ({why})"
