"""The pairs of cells that a user had measured interleaved."""

from __future__ import annotations

from collections.abc import Iterable

from bench.analyse.stats.interleaved import paired
from bench.analyse.stats.ratio import Ratio
from bench.report.core.speedup_text import speedup_text
from bench.report.core.table import Heading, Note, Table
from bench.results.pair import Pair

__all__ = ["turns_table"]


def turns_table(pairs: Iterable[Pair]) -> Table | None:
    """The newest answer of `bench ab` for each two cells of one suite on one host; None where there is none.

    Options measured on against off have a table of their own.
    """
    newest: dict[tuple[str, str], tuple[Pair, Ratio]] = {}
    for pair in pairs:
        if pair.purpose == "ab" and isinstance(found := paired(pair), Ratio):
            newest[pair.a.cell, pair.b.cell] = pair, found
    if not newest:
        return None
    return Table(
        title="Measured interleaved",
        columns=(
            Heading("cell"),
            Heading("beside"),
            Heading("times as fast", "right"),
            Heading("rounds", "right"),
            Heading("on"),
        ),
        rows=tuple(
            (pair.b.cell, pair.a.cell, speedup_text(found), str(len(pair.rounds)), pair.started[:10])
            for pair, found in newest.values()
        ),
        notes=(Note("± is half of a 95 % interval over rounds of two fresh processes each (bench ab)"),),
    )
