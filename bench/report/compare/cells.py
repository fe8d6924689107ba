"""Two cells that the command line names, beside each other: a row for each figure."""

from __future__ import annotations

from collections.abc import Iterator

from bench.analyse.findings.registry import remarks
from bench.analyse.stats.ratio import Refusal
from bench.analyse.stats.spread import Spread
from bench.analyse.training.before_after import BeforeAfter
from bench.analyse.training.seeds import Repeats
from bench.report.core.change_text import PRICE, beside_text
from bench.report.core.markdown import render
from bench.report.core.notes import measured
from bench.report.core.provenance import machine
from bench.report.core.speedup_text import MARKS, speedup_text
from bench.report.core.table import Heading, Note, Table
from bench.report.training.before_after_text import (
    before_after_notes,
    marked_change,
    side_text,
    step_text,
)
from bench.results.metric import ABSENT
from bench.results.metrics import METRICS

__all__ = ["before_after_sides", "sides_text", "tripped_cells"]


def before_after_sides(one: BeforeAfter, texts: tuple[str, str]) -> Table:
    """The table; `texts` are what the user called the sides, which head the columns where both are the same cell."""
    names = (one.before.name, one.after.name) if one.before.name != one.after.name else texts
    rows = [
        (METRICS["step_seconds"].heading, *map(step_text, one.means), _times(one)),
        *(
            (
                METRICS[change.name].heading,
                side_text(change, one.before, after=False),
                side_text(change, one.after, after=True),
                marked_change(one, change) or ABSENT,
            )
            for change in one.changes
            if change.before or change.after
        ),
    ]
    return Table(
        title=f"{texts[0]} → {texts[1]}",
        columns=(Heading("figure"), *(Heading(name, "right") for name in names), Heading("change", "right")),
        rows=tuple(rows),
        notes=tuple(_notes(one, names)),
    )


def sides_text(one: BeforeAfter, texts: tuple[str, str]) -> str:
    """The same as Markdown; ends with a newline."""
    return render(before_after_sides(one, texts), 2)


def tripped_cells(one: BeforeAfter) -> tuple[str, ...]:
    """Why a gate doesn't let the second cell through: slower, less accurate, or nothing tells whether it is slower."""
    reasons = []
    if isinstance(one.step, Refusal):
        reasons.append(f"steps could not be compared: {one.step}")
    elif one.step.verdict == "slower":
        reasons.append(f"{one.after.name} is slower")
    if one.accuracy.verdict == "worse":
        reasons.append(f"{one.after.name} is less accurate")
    return tuple(f"the gate tripped: {reason}" for reason in reasons)


def _times(one: BeforeAfter) -> str:
    if isinstance(one.step, Refusal):
        return ABSENT
    price = f" {PRICE}" if one.at_a_price else ""
    return f"{speedup_text(one.step, mark=False)} times as fast {MARKS[one.step.verdict]}{price}"


def _notes(one: BeforeAfter, names: tuple[str, str]) -> Iterator[Note]:
    if isinstance(one.step, Refusal):
        yield Note(f"steps are not compared: {one.step}")
        beside = beside_text(one)
        if beside:
            yield Note(beside.removeprefix("; "))
    else:
        yield Note(f"{one.step.verdict}, {speedup_text(one.step, mark=False)} times as fast{beside_text(one)}")
    untrained = [name for name, side in zip(names, (one.before, one.after), strict=True) if not side.trained]
    if untrained:
        yield Note(f"{' and '.join(untrained)}: not trained to accuracy, so there is none to compare")
    if one.differs:
        yield Note(f"differs: {', '.join(map(str, one.differs))}")
    for name, side, spread in zip(names, (one.before, one.after), one.spreads, strict=True):
        yield Note(f"{name} – {_about(side, spread)}")
    yield from before_after_notes([one])


def _about(side: Repeats, spread: Spread) -> str:
    """Seeds, when and with what it was measured, and what was found amiss."""
    seeds = ", ".join(str(record.seed) for record in side.ok)
    what = f"seed{'s' * (len(side.ok) > 1)} {seeds}" if side.ok else "no seed that went well"
    found = (each for record in side.ok for each in remarks(record, spread))
    return "; ".join((what, measured(side.records), machine(side.records), *dict.fromkeys(found)))
