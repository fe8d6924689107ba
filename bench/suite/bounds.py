"""How much a suite's text may come to once its axes, aliases and sections are written out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bench.suite.drafts import Draft
from bench.suite.faults import Faults
from bench.suite.merging import SECTIONS

__all__ = ["MAX_WEIGHT", "bound_sections", "weight"]

MAX_WEIGHT = 2**24
"""Characters, about: a suite of ten thousand cells, each with a dozen options of its own, has a tenth of it."""

_SCALAR = 8


def weight(value: object) -> int:
    """About how many characters a value takes, written out."""
    match value:
        case str():
            return len(value) + 2
        case dict():
            return 2 + sum(len(key) + 4 + weight(inner) for key, inner in value.items())
        case list():
            return 2 + sum(map(weight, value))
        case _:
            return _SCALAR


def bound_sections(raw: Mapping[str, Any], models: Sequence[Draft], faults: Faults) -> None:
    """Raises InputError, with the faults until now, where models that change `data` or `train` would take too much:
    what each changes is laid over a copy of the suite's own."""
    for section in SECTIONS:
        changing = sum(section in model.values for model in models)
        if changing * weight(raw.get(section)) > MAX_WEIGHT:
            what = f"{changing:,} models each change a '{section}' that is too large for that"
            faults.add((section,), what, "split the suite into several")
            faults.raise_all()
