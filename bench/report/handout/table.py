"""The handout's tables: its own with measured hosts as new columns, then these beside each published card, and beside
what was to be expected of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bench.analyse.expectation.handout import INPUT_SHAPE, Handout, Row, beside
from bench.analyse.findings.registry import remarks
from bench.analyse.stats.spread import UNMEASURED, Spread, spreads
from bench.host.measured import AiBenchmark
from bench.host.profile import HostProfile
from bench.instruments.stats import estimate_of
from bench.report.core.footnotes import Footnotes
from bench.report.core.provenance import machine
from bench.report.core.row_names import network_label
from bench.report.core.speedup_text import as_fast, between_processes
from bench.report.core.table import Heading, Note, Table
from bench.report.handout.expectation_table import expectation_table
from bench.results.metric import ABSENT
from bench.results.metrics import METRICS
from bench.results.record import Record

__all__ = ["handout_tables"]


def handout_tables(handout: Handout, profiles: Sequence[HostProfile]) -> tuple[Table, ...]:
    """All three; none where no host has measured a published cell. `profiles` are those of the hosts."""
    if not handout.measured:
        return ()
    labels = _labels(handout, profiles)
    measured = spreads(profiles)
    known = {host: measured.get(host, UNMEASURED) for host in labels}
    return (
        _times(handout, labels, known, profiles),
        _ratios(handout, labels, known),
        expectation_table(handout, labels, profiles),
    )


def _times(
    handout: Handout, labels: Mapping[str, str], known: Mapping[str, Spread], profiles: Sequence[HostProfile]
) -> Table:
    letters = Footnotes()
    rows = [
        (
            _network(row),
            *(
                f"{row.published[one.id].step_ms:g}" if one.id in row.published else ABSENT
                for one in handout.references
            ),
            *(_measured(row.measured.get(host), letters, known[host]) for host in handout.measured),
        )
        for row in handout.rows
    ]
    scores = [one.published.ai_score if one.published else None for one in handout.references]
    runs = {one.id: one.ai_benchmark["full"] for one in profiles if "full" in one.ai_benchmark}
    ours = [runs[host].ai_score if host in runs else None for host in handout.measured]
    if any((*scores, *ours)):
        rows.append(("AI-Score", *(f"{score:,}" if score else ABSENT for score in (*scores, *ours))))
    shape = "×".join(map(str, INPUT_SHAPE))
    batches = " or ".join(str(size) for size in dict.fromkeys(row.batch_size for row in handout.rows))
    return Table(
        title="The handout's table",
        columns=(
            Heading(f"{METRICS['step_seconds'].heading}, batch {batches}, {shape}"),
            *(Heading(one.label, "right") for one in handout.references),
            *(Heading(labels[host], "right") for host in handout.measured),
        ),
        rows=tuple(rows),
        notes=(
            *(Note(f"published – {source}") for source in _sources(handout.references)),
            *(Note(f"{labels[host]} – {machine(_records(handout, host))}") for host in handout.measured),
            *_synthetic(handout),
            *letters.notes(),
            *(_scores(labels, runs) if any((*scores, *ours)) else ()),
        ),
    )


def _scores(labels: Mapping[str, str], runs: Mapping[str, AiBenchmark]) -> Iterator[Note]:
    """When and with what each host's AI-Score was measured, or that there is none."""
    lacking = []
    for host, label in labels.items():
        run = runs.get(host)
        if run is not None and run.ai_score is not None:
            yield Note(f"AI-Score of {label}: measured {run.date} with ai-benchmark {run.version}")
        elif run is not None:
            yield Note(f"AI-Score of {label}: none, {run.absent or 'as its run was not whole'}")
        else:
            lacking.append(label)
    if lacking:
        everywhere = "this host" if len(labels) == 1 else "these hosts"
        where = everywhere if len(lacking) == len(labels) else " and ".join(lacking)
        yield Note(f"AI-Score: none was measured on {where}; bench calibrate measures it")


def _ratios(handout: Handout, labels: Mapping[str, str], known: Mapping[str, Spread]) -> Table:
    rows = []
    for host in handout.measured:
        for row in handout.rows:
            ours = estimate_of(row.measured[host].timed) if host in row.measured else None
            if ours is None:
                continue
            cells = []
            for one in handout.references:
                ratio = beside(row.published[one.id], ours, known[host]) if one.id in row.published else None
                cells.append(as_fast(ratio) if ratio else ABSENT)
            rows.append((labels[host], network_label(row.model), *cells))
    alone = "this host" if len(labels) == 1 else None
    covered = between_processes({alone or labels[host]: spread for host, spread in known.items()})
    return Table(
        title="How many times as fast as each published card",
        columns=(Heading("measured"), Heading("network"), *(Heading(one.label, "right") for one in handout.references)),
        rows=tuple(rows),
        notes=(
            Note("1/2 is half as fast: a step takes twice as long as on that card"),
            Note(f"± covers the measured 95 % interval, {covered}, and what the published figure was rounded by"),
        ),
    )


def _labels(handout: Handout, profiles: Sequence[HostProfile]) -> dict[str, str]:
    known = {profile.id: profile.label for profile in profiles}
    published = {one.label for one in handout.references}
    labels = {host: known.get(host, host) for host in handout.measured}
    return {host: f"{label}, measured" if label in published else label for host, label in labels.items()}


def _network(row: Row) -> str:
    return f"{network_label(row.model)}, {METRICS['trainable_params'].text(row.trainable_params)} trainable"


def _measured(record: Record | None, letters: Footnotes, spread: Spread) -> str:
    found = estimate_of(record.timed) if record else None
    if record is None or found is None:
        return ABSENT
    shown = METRICS["step_seconds"].text_with_margin(found.step_seconds, found.margin * found.step_seconds)
    # pixel values don't change a step's time, and a note says that they are synthetic
    marks = letters.marks(remarks(record, spread))
    return f"{shown} ({marks})" if marks else shown


def _sources(references: Sequence[HostProfile]) -> list[str]:
    published = (one.published for one in references if one.published)
    return list(dict.fromkeys(f"{p.source}, {p.date}" if p.date else p.source for p in published))


def _records(handout: Handout, host: str) -> list[Record]:
    return [row.measured[host] for row in handout.rows if host in row.measured]


def _synthetic(handout: Handout) -> list[Note]:
    records = (record for row in handout.rows for record in row.measured.values())
    if not any(record.data is not None and record.data.synthetic for record in records):
        return []
    return [Note("where images are synthetic, they have the shape and type of the real ones, so times hold")]
