"""The types of what is stored, each with a bound: files come from others too, and every figure must stay one that
arithmetic and a table can hold."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from annotated_types import MaxLen
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

__all__ = [
    "Band",
    "Count",
    "Items",
    "Moment",
    "Name",
    "Named",
    "Number",
    "Plain",
    "Positive",
    "Seconds",
    "Text",
    "moment_of",
]

_NAME, _TEXT = 1_000, 100_000
_ITEMS = 10_000
_COUNT = 10**15
_FIGURE = 1e30
_DEPTH = 20
_YEARS = 1970, 2500

Name = Annotated[str, StringConstraints(max_length=_NAME)]
"""What something is called."""

Text = Annotated[str, StringConstraints(max_length=_TEXT)]
"""A sentence for people."""

Count = Annotated[int, Field(ge=0, le=_COUNT)]
"""A whole number from 0."""

Positive = Annotated[int, Field(ge=1, le=_COUNT)]
"""A whole number from 1."""

Number = Annotated[float, Field(ge=-_FIGURE, le=_FIGURE)]
"""A number of any unit."""

Seconds = Annotated[float, Field(ge=-1e12, le=1e12)]
"""Seconds; below 0 where a clock was set back."""

Band = Annotated[float, Field(gt=0, lt=1)]
"""The share that two step times may differ by and still count as the same."""

Items = MaxLen(_ITEMS)
"""For a mapping or list: how many entries it may have. No `Field`: before pydantic 2.11, one that several forms share
takes on the default that the first of them gives."""


def _moment(text: str) -> str:
    """An ISO 8601 moment, as it stands."""
    moment = datetime.fromisoformat(text)
    if not _YEARS[0] <= moment.year <= _YEARS[1]:
        raise ValueError(f"the year {moment.year} is out of range")
    return text


Moment = Annotated[str, StringConstraints(max_length=40), AfterValidator(_moment)]
"""A moment in ISO 8601, in UTC where it names no zone."""


def moment_of(text: str) -> datetime:
    """The moment that a `Moment` says."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _plain(value: Any) -> Any:
    """A value of JSON, every number and text in it bounded."""
    left = [(value, 0)]
    while left:
        one, depth = left.pop()
        inner: list[Any] = []
        if isinstance(one, dict):
            inner = [*one, *one.values()]
        elif isinstance(one, list | tuple):
            inner = [*one]
        elif not _is_small(one):
            raise ValueError("it holds a number or a text that is out of range, or no value of JSON")
        if len(inner) > 2 * _ITEMS or (inner and depth == _DEPTH):
            raise ValueError("it holds too much, or is nested too deeply")
        left += [(each, depth + 1) for each in inner]
    return value


def _is_small(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= _TEXT
    return value is None or (isinstance(value, int | float) and abs(value) <= _FIGURE)  # and so isn't NaN


Plain = Annotated[Any, BeforeValidator(_plain)]
"""A value of JSON that the harness knows nothing of: an argument of the user's own function, an option of a newer
version."""

Named = Annotated[dict[Name, Plain], Items]
"""Such values by name."""
