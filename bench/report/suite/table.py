"""A suite's table: every model and variant on one host."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from bench.analyse.findings.registry import remarks
from bench.analyse.speedup.standings import Standings
from bench.analyse.stats.ratio import Ratio, Refusal
from bench.analyse.stats.spread import UNMEASURED, Spread
from bench.analyse.training.before_after import BeforeAfter, beside_by_record
from bench.report.core.change_text import PRICE, price_text
from bench.report.core.columns import Column, columns
from bench.report.core.footnotes import Footnotes
from bench.report.core.groups import by_model
from bench.report.core.notes import conclusions, dropped, measured, synthetic_notes, titled, undecided, why_not
from bench.report.core.provenance import machine
from bench.report.core.row_names import RECORD_AXES, row_names
from bench.report.core.speedup_text import verdicts
from bench.report.core.table import Heading, Note, Table
from bench.results.metric import ABSENT
from bench.results.metrics import METRICS
from bench.results.query import Identity, identity
from bench.results.record import Record

__all__ = ["suite_table"]


def suite_table(
    records: Sequence[Record], host: str, spread: Spread = UNMEASURED, standings: Standings | None = None
) -> Table:
    """The table of one suite on the host of this label and spread, from the newest record of each of its cells, which
    are among the `standings`, where these are known.

    A cell that was skipped or failed says so in place of its columns, and a note says why. A column in which no good
    record has a figure is dropped, and a note says why there is none.
    """
    records = by_model(records)
    ok = [record for record in records if record.ok]
    known = {record.host: spread for record in records}
    standings = standings or Standings(records, known)
    standing = standings.to_baselines(records)
    ratios = {key: one.ratio for key, one in standing.items()}
    step, *others = columns(ok, ratios)
    shown = [step, *(figure for figure in others if any(figure.text(record) != ABSENT for record in ok))]
    letters = Footnotes()
    beside = beside_by_record(records, known)
    compared = any(isinstance(ratio, Ratio) for ratio in ratios.values())
    refusals = {key: ratio for key, ratio in ratios.items() if compared and isinstance(ratio, Refusal)}
    bodies = [_body(record, shown, refusals, letters, spread, beside) for record in records]
    remarked = any(remark for *_, remark in bodies)
    axes, names = _names(records)
    return Table(
        title=titled(records, host),
        columns=(
            *(Heading(axis) for axis in axes),
            *(Heading(figure.heading, "right") for figure in shown),
            *([Heading("notes")] if remarked else []),
        ),
        rows=tuple((*name, *(body if remarked else body[:-1])) for name, body in zip(names, bodies, strict=True)),
        notes=(
            *conclusions(records, ratios, standings, beside),
            *undecided(records, standing),
            Note(f"{measured(records)}; {machine(records)}"),
            *(verdicts(spread, max(record.protocol.same_within for record in records)) if compared else ()),
            *synthetic_notes(ok),
            *letters.notes(),
            *(Note(f"{figure.title} – {figure.legend}") for figure in shown if figure.legend),
            *dropped([figure for figure in others if figure not in shown], ok),
        ),
        keep=_most_telling(records, ratios),
    )


def _most_telling(records: Sequence[Record], ratios: Mapping[Identity, Ratio | Refusal]) -> tuple[int, ...]:
    """The places of baselines and of what failed, then of all others by how far from the baseline they surely are."""

    def weight(record: Record) -> float:
        ratio = ratios.get(identity(record))
        if record.status == "skipped" or (record.ok and isinstance(ratio, Refusal)):
            return 0.0
        if not isinstance(ratio, Ratio):
            return math.inf
        return max(math.log(ratio.low), -math.log(ratio.high), 0.0) if ratio.low > 0 else 0.0

    return tuple(sorted(range(len(records)), key=lambda place: -weight(records[place])))


def _names(records: Sequence[Record]) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The rows' axes and names, with trainable parameters at the model, and at a variant that has others."""
    counts = _counts(record for record in records if record.ok)

    def named(record: Record) -> tuple[object, ...]:
        usual, own = counts.get(record.model, ""), _count(record)
        model = f"{record.model} ({usual})" if usual else record.model
        variant = f"{record.variant} ({own})" if own and own != usual else record.variant
        return model, variant, record.batch_size, record.seed

    model, *others = RECORD_AXES
    heading = f"{model} (trainable parameters)" if any(map(_count, records)) else model
    return row_names((heading, *others), map(named, records))


def _counts(ok: Iterable[Record]) -> dict[str, str]:
    """Trainable parameters by model, as its first record has them."""
    counts: dict[str, str] = {}
    for record in ok:
        if count := _count(record):
            counts.setdefault(record.model, count)
    return counts


def _count(record: Record) -> str:
    shown = METRICS["trainable_params"].show(record)
    return "" if shown == ABSENT else shown


def _body(
    record: Record,
    shown: Sequence[Column],
    refusals: Mapping[Identity, Refusal],
    letters: Footnotes,
    spread: Spread,
    beside: Mapping[Identity, BeforeAfter],
) -> tuple[str, ...]:
    """The row's columns and its remark: letters of its findings, or what it ended as and where its log is.

    `refusals` are those that are worth telling: where nothing is compared, none is.
    """
    if not record.ok:
        failure, status = record.failure, record.status.replace("_", " ")
        blank = [""] * (len(shown) - 1)
        if failure is None:
            return (status, *blank, "")
        why = why_not(record)
        if record.windows and METRICS["step_seconds"].read(record) is not None:  # what came after them failed
            why += f"; its windows gave {METRICS['step_seconds'].show(record)} before that"
        return (f"{status} ({letters.marks([why])})", *blank, failure.log or "")
    found = list(remarks(record, spread))
    if refused := refusals.get(identity(record)):
        found.append(f"not compared: {refused}")
    trained = beside.get(identity(record))
    if trained is not None and trained.at_a_price:
        found.append(f"{PRICE} {price_text(trained)}")
    return (*(figure.text(record) for figure in shown), letters.marks(found))
