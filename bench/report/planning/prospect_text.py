"""What a row of a plan's table is of, as text and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from bench.analyse.planning.amount import Amount
from bench.analyse.planning.prospects import Prospect
from bench.report.core.footnotes import Footnotes
from bench.report.core.table import Heading, Note
from bench.results.metric import ABSENT
from bench.system.nvml import Reading

__all__ = ["NAMED", "NEVER", "named", "notes_of", "prospect_fields"]

NEVER: Reading[Amount] = Reading(None, "never measured there; bench run does that, on that machine")

_PUBLISHED = "P"


NAMED = (Heading("host"), Heading("suite"), Heading("cell"))


def named(one: Prospect, remarks: Iterable[str], letters: Footnotes) -> tuple[str, str, str]:
    """The host, the suite and the cell, with the letters of what is to be said of its figures."""
    marks = letters.marks(remarks)
    name = f"{one.cell} {_PUBLISHED}" if one.is_published else one.cell
    return one.profile.label, one.suite or ABSENT, f"{name} ({marks})" if marks else name


def notes_of(found: Sequence[Prospect]) -> tuple[Note, ...]:
    """What the marks in these rows mean."""
    published = [Note("by a published step time", _PUBLISHED)] if any(one.is_published for one in found) else []
    return (*published, Note("in brackets: 95 % interval of one more run, where that can be told"))


def prospect_fields(one: Prospect) -> dict[str, Any]:
    """For programs: `origin` is null where nothing is known of the network there."""
    origin = "published" if one.is_published else "measured" if one.pace is not None else None
    return {"host": one.profile.id, "suite": one.suite or None, "cell": one.cell, "origin": origin}
