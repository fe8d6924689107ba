"""Which rules of a course hold, as a table and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from bench.analyse.course.rulings import Ruling
from bench.report.core.row_names import without_repeats
from bench.report.core.table import Heading, Note, Table

__all__ = ["broken", "rulings_rows", "rulings_table"]

_SHOWN = {"holds": "✓", "fails": "✗ fails", "unknown": "? unknown"}


def broken(found: Sequence[Ruling]) -> tuple[Ruling, ...]:
    """Those that don't hold, as far as is known."""
    return tuple(one for one in found if one.verdict != "holds")


def rulings_table(title: str, found: Sequence[Ruling]) -> Table:
    """A row for each rule on each cell; a note says how many hold."""
    names = [(one.cell,) for one in found]
    cells = (without_repeats(now, before)[0] for now, before in zip(names, [("",), *names], strict=False))
    rows = tuple(
        (cell, one.rule, one.wanted, one.found, _SHOWN[one.verdict], one.evidence)
        for cell, one in zip(cells, found, strict=True)
    )
    columns = ("cell", "rule", "wanted", "found", "", "by")
    failed = len(broken(found))
    said = f"{failed} of {len(found)} rules don't hold" if failed else f"all {len(found)} rules hold"
    return Table(title, tuple(map(Heading, columns)), rows, (Note(said),))


def rulings_rows(suite: str, found: Sequence[Ruling]) -> dict[str, Any]:
    """For programs."""
    return {"suite": suite, "holds": not broken(found), "rules": [asdict(one) for one in found]}
