"""Whether a record's step time may be compared at all, and what two records differ in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.analyse.plausibility import beyond_datasheet
from bench.results.record import Record
from bench.results.window_stats import impossible

__all__ = ["differences", "unfit"]


def unfit(record: Record) -> str | None:
    """Why the record's step time can't be compared with any other, as what is said of its cell; None where it can."""
    if not record.ok:
        return f"is {record.status.replace('_', ' ')}"
    if (what := impossible(record.windows)) is not None:
        return f"has {what}"
    if len(record.windows) < 2:
        return "has fewer than two windows"
    beyond = beyond_datasheet(record)
    return f"is implausible: {beyond}" if beyond else None


def differences(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Name and both values, as text, of what differs, in the order in which the names first appear."""
    return [
        (name, _text(ours, name), _text(theirs, name))
        for name in dict.fromkeys((*ours, *theirs))
        if ours.get(name) != theirs.get(name)
    ]


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name, "absent")
    return "none" if value is None else str(value)
