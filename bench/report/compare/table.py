"""Two stored sides beside each other, a row for each cell that both have."""

from __future__ import annotations

from collections.abc import Sequence

from bench.analyse.compare.comparison import Compared, Comparison
from bench.analyse.findings.registry import is_remark
from bench.analyse.stats.processes import Mean
from bench.analyse.stats.ratio import Ratio, Refusal
from bench.report.compare.metrics import BothSides, noticeable
from bench.report.compare.notes import notes
from bench.report.core.columns import SYNTHETIC
from bench.report.core.footnotes import Footnotes
from bench.report.core.markdown import escape, render
from bench.report.core.row_names import RECORD_AXES, row_names
from bench.report.core.speedup_text import speedup_text
from bench.report.core.table import Heading, Note, Table
from bench.results.metric import ABSENT
from bench.results.metrics import METRICS
from bench.results.record import Finding, Record

__all__ = ["compare_table", "compare_text"]


def compare_table(comparison: Comparison) -> Table:
    """The table of every cell that both sides have, those without a record of their own on each left to a note."""
    before, after = comparison.joined.names
    shown = [one for one in comparison.cells if one.ratio is not None]
    figures = noticeable(shown)
    axes, names = row_names(
        (*RECORD_AXES, "suite", "host", "team"),
        (
            (
                *(getattr(one.after, name) for name in ("model", "variant", "batch_size", "seed", "suite", "host")),
                one.after.team or ABSENT,
            )
            for one in shown
        ),
    )
    letters = Footnotes()
    remarks = [letters.marks(_remarks(one, comparison)) for one in shown]
    remarked = any(remarks)
    several = any(mean.processes > 1 for one in shown for mean in (one.mean_before, one.mean_after) if mean)
    step = METRICS["step_seconds"].heading
    rows = [
        (
            *name,
            _step(one.before, one.mean_before),
            _step(one.after, one.mean_after),
            speedup_text(one.ratio) if one.ratio and not isinstance(one.ratio, Refusal) else ABSENT,
            *([_processes(one)] if several else []),
            *(text for figure in figures for text in figure.texts(one)),
            *([remark] if remarked else []),
        )
        for name, one, remark in zip(names, shown, remarks, strict=True)
    ]
    return Table(
        title=f"{before} → {after}",
        columns=(
            *(Heading(axis) for axis in axes),
            Heading(f"{step}, {before}", "right"),
            Heading(f"{step}, {after}", "right"),
            Heading("times as fast", "right"),
            *([Heading("processes", "right")] if several else []),
            *(column for figure in figures for column in _columns(figure, before, after)),
            *([Heading("notes")] if remarked else []),
        ),
        rows=tuple(rows),
        notes=(*notes(comparison, several), *_synthetic(comparison), *letters.notes(), *_legends(figures)),
    )


def _step(record: Record, mean: Mean | None) -> str:
    if not record.ok:
        return record.status.replace("_", " ")
    if mean is None:
        return METRICS["step_seconds"].show(record, unit=False)
    return METRICS["step_seconds"].text_with_margin(mean.step_seconds, mean.margin * mean.step_seconds)


def _processes(one: Compared) -> str:
    return " → ".join(ABSENT if mean is None else str(mean.processes) for mean in (one.mean_before, one.mean_after))


def _remarks(one: Compared, comparison: Comparison) -> list[str]:
    """Why it wasn't compared, or what may explain its answer and isn't said of all, and its findings."""
    if isinstance(one.ratio, Refusal):
        return [f"not compared: {one.ratio}"]
    differs = [str(each) for each in one.differs if each not in comparison.common]
    sides = _findings(one, comparison).items()
    return [*differs, *(f"{where}: {each.message}" for each, where in sides if is_remark(each))]


def _findings(one: Compared, comparison: Comparison) -> dict[Finding, str]:
    """Each finding of its records, and the side whose it is."""
    before, after = comparison.joined.names
    ours, theirs = one.findings_before, one.findings_after
    return {
        each: "both sides" if each in ours and each in theirs else before if each in ours else after
        for each in (*ours, *theirs)
    }


def _synthetic(comparison: Comparison) -> list[Note]:
    """Said once, as the daggers at accuracies are explained."""
    found = (
        f"{where}: {each.message}"
        for one in comparison.cells
        if isinstance(one.ratio, Ratio)
        for each, where in _findings(one, comparison).items()
        if not is_remark(each)
    )
    return [Note(text, SYNTHETIC) for text in dict.fromkeys(found)]


def _columns(figure: BothSides, before: str, after: str) -> tuple[Heading, Heading]:
    heading = figure.metric.heading
    return Heading(f"{heading}, {before}", "right"), Heading(f"{heading}, {after}", "right")


def _legends(figures: Sequence[BothSides]) -> list[Note]:
    return [Note(f"{figure.metric.title} – {figure.metric.legend}") for figure in figures]


def compare_text(comparison: Comparison) -> str:
    """Its table and notes as Markdown; the notes alone where no cell has a row. Ends with a newline."""
    table = compare_table(comparison)
    if table.rows:
        return render(table, 2)
    notes = "".join(f"- {escape(note.text)}\n" for note in table.notes)
    return f"## {escape(table.title)}\n\n{notes}"
