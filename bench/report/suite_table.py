"""A suite's table: every model and variant on one host."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bench.analyse.baseline import speedups
from bench.analyse.compare import Ratio, Refusal
from bench.analyse.judge import judge
from bench.report.lettered import Letters
from bench.report.machine import machine
from bench.report.ratios import VERDICTS
from bench.report.suite_columns import SYNTHETIC, Figure, figures
from bench.report.table import Column, Note, Table
from bench.results.metric import ABSENT
from bench.results.record import Finding, Record

__all__ = ["by_model", "suite_table"]


def suite_table(records: Sequence[Record]) -> Table:
    """The table of one host and suite, from the newest record of each of its cells.

    A cell that was skipped or failed says so in place of its figures, and why. A column in which no good record has a
    figure is dropped, and a note says why there is none.
    """
    records = by_model(records)
    ok = [record for record in records if record.ok]
    ratios = speedups(records)
    step, *others = figures(records, ratios)
    shown = [step, *(figure for figure in others if any(figure.text(record) != ABSENT for record in ok))]
    axes = _axes(records)
    letters = Letters()
    remarks = [_remark(record, ratios, letters) for record in records]
    remarked = any(remarks)
    return Table(
        title=f"{records[0].suite} on {records[0].host}",
        columns=(
            *(Column(axis) for axis in axes),
            *(Column(figure.heading, "right") for figure in shown),
            *([Column("notes")] if remarked else []),
        ),
        rows=tuple(
            (*_names(record, before, axes), *_figures(record, shown), *([remark] if remarked else []))
            for before, record, remark in zip([None, *records], records, remarks, strict=False)
        ),
        notes=(
            Note(machine(records)),
            *([VERDICTS] if any(isinstance(ratio, Ratio) for ratio in ratios.values()) else []),
            *_synthetic(ok),
            *letters.notes(),
            *_dropped((figure for figure in others if figure not in shown), ok),
        ),
    )


def by_model(records: Iterable[Record]) -> list[Record]:
    """Models together, in each batch size and seed the baseline first, and else the order in which they stand."""
    records = list(records)
    order = {model: place for place, model in enumerate(dict.fromkeys(record.model for record in records))}
    return sorted(records, key=lambda r: (order[r.model], r.batch_size, r.seed, not r.baseline))


def _axes(records: Sequence[Record]) -> tuple[str, ...]:
    """What names a row: batch size and seed only where they vary."""
    batches = {record.batch_size for record in records}
    seeds = {record.seed for record in records}
    return ("model", "variant", *["batch"] * (len(batches) > 1), *["seed"] * (len(seeds) > 1))


def _names(record: Record, before: Record | None, axes: Sequence[str]) -> tuple[str, ...]:
    names = {
        "model": "" if before is not None and before.model == record.model else record.model,
        "variant": record.variant,
        "batch": str(record.batch_size),
        "seed": str(record.seed),
    }
    return tuple(names[axis] for axis in axes)


def _figures(record: Record, shown: Sequence[Figure]) -> tuple[str, ...]:
    if record.ok:
        return tuple(figure.text(record) for figure in shown)
    return (record.status.replace("_", " "), *[""] * (len(shown) - 1))


def _remark(record: Record, ratios: dict[str, Ratio | Refusal], letters: Letters) -> str:
    """Letters of the record's findings, or why it has no figures."""
    if not record.ok:
        failure = record.failure
        if failure is None:
            return ""
        where = "" if record.status == "skipped" else f"{failure.stage}: "
        return f"{where}{failure.message}" + (f" ({failure.log})" if failure.log else "")
    # synthetic data has a mark of its own
    found = [finding for finding in judge(record) if finding.code != "synthetic-data"]
    refused = ratios.get(record.cell)
    if isinstance(refused, Refusal) and any(isinstance(ratio, Ratio) for ratio in ratios.values()):
        found.append(Finding(code="not compared", message=str(refused)))
    return ", ".join(letters.mark(finding, record.cell) for finding in found)


def _synthetic(ok: Iterable[Record]) -> list[Note]:
    messages = (finding.message for record in ok for finding in judge(record) if finding.code == "synthetic-data")
    return [Note(message, SYNTHETIC) for message in dict.fromkeys(messages)]


def _dropped(absent: Iterable[Figure], ok: Sequence[Record]) -> list[Note]:
    """Why columns are missing, those with the same reason together."""
    titles: dict[str, list[str]] = {}
    for figure in absent:
        for reason in dict.fromkeys(why for record in ok if (why := figure.why_absent(record)) is not None):
            titles.setdefault(reason, []).append(figure.title)
    return [Note(f"no {' and no '.join(names)}: {reason}") for reason, names in titles.items()]
