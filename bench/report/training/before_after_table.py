"""The trained cells of a model beside the suite's baseline: what each variant gives, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence

from bench.analyse.stats.ratio import Refusal
from bench.analyse.training.before_after import BeforeAfter
from bench.analyse.training.change import Change
from bench.report.core.change_text import PRICE, SAME, price_text
from bench.report.core.footnotes import Footnotes
from bench.report.core.row_names import row_names
from bench.report.core.table import Heading, Note, Table
from bench.report.training.before_after_text import (
    before_after_notes,
    changed_text,
    faster_text,
    marked_change,
    side_text,
    step_text,
)
from bench.results.metric import ABSENT
from bench.results.metrics import METRICS

__all__ = ["before_after_tables"]


def before_after_tables(found: Sequence[BeforeAfter], host: str) -> tuple[Table, ...]:
    """One for each model that was trained under several variants of a suite on the host of this label: its cells, each
    beside the suite's baseline. `found` is what `bench.analyse.training.before_after.beside_baselines` gives."""
    models = dict.fromkeys(one.before.first.model for one in found)
    return tuple(_table(model, [one for one in found if one.before.first.model == model], host) for model in models)


def _table(model: str, found: Sequence[BeforeAfter], host: str) -> Table:
    shown = [
        change.name
        for change in found[0].changes
        if any(other.before or other.after for one in found for other in one.changes if other.name == change.name)
    ]
    letters = Footnotes()
    rows: list[tuple[tuple[object, ...], tuple[str, ...]]] = []
    base = None
    for one in found:
        if one.before is not base:
            base = one.before
            rows.append((_names(one, after=False), _base_row(one, shown)))
        rows.append((_names(one, after=True), _row(one, shown, letters)))
    axes, names = row_names(("variant", "batch"), (name for name, _ in rows))
    return Table(
        title=f"Before and after: {model} — {host}",
        columns=(
            *(Heading(axis) for axis in axes),
            Heading("changed"),
            Heading(METRICS["step_seconds"].heading, "right"),
            Heading("times as fast", "right"),
            *(Heading(METRICS[name].heading, "right") for name in shown),
        ),
        rows=tuple((*name, *cells) for name, (_, cells) in zip(names, rows, strict=True)),
        notes=(
            *(Note(f"{one.after.name}: {price_text(one)}", PRICE) for one in found if one.at_a_price),
            Note(f"in brackets: the change from {found[0].before.first.variant}, the suite's baseline"),
            *before_after_notes(found),
            *letters.notes(),
        ),
    )


def _names(one: BeforeAfter, *, after: bool) -> tuple[object, ...]:
    record = (one.after if after else one.before).first
    return record.variant, record.batch_size


def _base_row(one: BeforeAfter, shown: Sequence[str]) -> tuple[str, ...]:
    figures = (side_text(_change(one, name), one.before, after=False) for name in shown)
    return (ABSENT, step_text(one.means[0]), "1", *figures)


def _row(one: BeforeAfter, shown: Sequence[str], letters: Footnotes) -> tuple[str, ...]:
    faster = faster_text(one)
    if isinstance(one.step, Refusal):
        faster += f" ({letters.marks([f'not compared: {one.step}'])})"
    cells = []
    for name in shown:
        change = _change(one, name)
        figure, changed = side_text(change, one.after, after=True), marked_change(one, change)
        cells.append(f"{figure} ({changed})" if changed not in ("", SAME) else figure)
    return (changed_text(one), step_text(one.means[1]), faster, *cells)


def _change(one: BeforeAfter, name: str) -> Change:
    return next((change for change in one.changes if change.name == name), Change(name, (), ()))
