"""Two cells measured interleaved, as a table, as a sentence, and as plain values."""

from __future__ import annotations

import itertools
from typing import Any

from bench.analyse.findings.pairs import disturbed
from bench.analyse.stats.interleaved import paired
from bench.analyse.stats.ratio import Ratio, Refusal
from bench.report.core.option_text import value_text
from bench.report.core.speedup_text import as_fast
from bench.report.core.table import Heading, Note, Table
from bench.results.metric import ABSENT, significant
from bench.results.pair import Pair, Side
from bench.results.record import Window
from bench.results.window_stats import step_seconds

__all__ = ["pair_answer", "pair_row", "pair_table"]


def pair_table(pair: Pair) -> Table:
    """What both sides took in all rounds."""
    sides = ((pair.a, _windows(pair, 0)), (pair.b, _windows(pair, 1)))
    return Table(
        title=f"{pair.a.cell} and {pair.b.cell}, interleaved",
        columns=(Heading("cell"), *(Heading(heading, "right") for heading in ("ms/step", "images/s", "windows"))),
        rows=tuple((side.cell, *_figures(side, windows), str(len(windows))) for side, windows in sides),
        notes=tuple(_notes(pair)),
    )


def pair_answer(pair: Pair) -> str:
    """The answer in one sentence: of b beside a, or of an option on (a) beside off (b)."""
    found = paired(pair)
    if isinstance(found, Refusal):
        return f"{pair.label}: no answer: {found}"
    if pair.option is not None:
        found = found.inverse
        ours, theirs = pair.a, pair.b
        on, off = (value_text(pair.option, side.options.plain.get(pair.option)) for side in (ours, theirs))
        name = f"{ours.cell} with {pair.option} {on}, and not {off},"
        other = "itself without" if ours.variant != theirs.variant else theirs.cell
    else:
        name, other = pair.b.cell, pair.a.cell
    between = f"95 % interval {significant(found.low)} to {significant(found.high)}, {len(pair.rounds)} rounds"
    how = f"{as_fast(found)} times as fast ({between})"
    if found.verdict == "undecided":
        return f"whether {name} is faster or slower than {other} isn't decided: {how}"
    if found.verdict == "same":
        return f"{name} is as fast as {other}, within {pair.same_within * 100:g} %: {how}"
    return f"{name} is {found.verdict} than {other}: {how}"


def pair_row(pair: Pair) -> dict[str, Any]:
    """The pair for programs: both sides, the ratio (how many times as fast as a the cell b is) and the verdict."""
    found = paired(pair)
    ratio = found if isinstance(found, Ratio) else None
    return {
        **pair.model_dump(mode="json", include={"suite", "host", "started", "status", "failure"}),
        "a": _side(pair.a, _windows(pair, 0)),
        "b": _side(pair.b, _windows(pair, 1)),
        "rounds": len(pair.rounds),
        "ratio": ratio.value if ratio else None,
        "ratio_low": ratio.low if ratio else None,
        "ratio_high": ratio.high if ratio else None,
        "verdict": ratio.verdict if ratio else None,
        "why_no_verdict": None if ratio else str(found),
        "findings": [finding.model_dump() for finding in disturbed(pair)],
    }


def _side(side: Side, windows: list[Window]) -> dict[str, Any]:
    step = step_seconds(windows)
    return {
        "cell": side.cell,
        "fingerprint": side.fingerprint,
        "step_seconds": step,
        "images_per_second": side.batch_size / step if step else None,
        "windows": len(windows),
        "compile_seconds": side.compile_seconds,
    }


def _windows(pair: Pair, side: int) -> list[Window]:
    return list(itertools.chain.from_iterable((one.a, one.b)[side] for one in pair.rounds))


def _figures(side: Side, windows: list[Window]) -> tuple[str, str]:
    step = step_seconds(windows)
    return (significant(step * 1e3), significant(side.batch_size / step)) if step else (ABSENT, ABSENT)


def _notes(pair: Pair) -> list[Note]:
    notes = []
    if pair.a.workload == pair.b.workload and pair.a.environment == pair.b.environment:
        notes.append(Note("both are the same work on this machine"))
    if pair.a.batch_size != pair.b.batch_size:
        notes.append(Note(f"batches of {pair.a.batch_size} and {pair.b.batch_size}: compared by images a second"))
    if pair.a.workload.model != pair.b.workload.model:
        notes.append(Note("two different networks: a ratio of different work"))
    if pair.data is not None and pair.data.synthetic:
        notes.append(Note("synthetic images: times hold"))
    return notes + [Note(f"{finding.code}: {finding.message}") for finding in disturbed(pair)]
