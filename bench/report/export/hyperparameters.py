"""What was chosen of a record, by name: its cell's names and its options, as trackers of experiments want them."""

from __future__ import annotations

import json

from bench.results.record import Record
from bench.support.plain_text import plain_text

__all__ = ["hyperparameters"]

_NAMES = ("host", "team", "suite", "model", "variant", "batch_size", "seed")


def hyperparameters(record: Record) -> dict[str, bool | int | float | str]:
    """Names and options, `auto` settled; one that has no value is left out."""
    chosen = {name: value for name in _NAMES if (value := getattr(record, name)) is not None}
    chosen |= {name: value for name, value in record.options.complete.items() if value not in (None, {})}
    return {
        plain_text(name): plain_text(value)
        if isinstance(value, str)
        else value
        if isinstance(value, bool | int | float)
        else json.dumps(value)
        for name, value in chosen.items()
    }
