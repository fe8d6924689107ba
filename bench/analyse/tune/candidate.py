"""A candidate of a search: one set of options at one batch size."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

from bench.suite.options import Options

__all__ = ["Candidate", "changes", "varied"]


@dataclass(frozen=True)
class Candidate:
    """`settings` say where it lies in the space that is searched: a value for each axis.

    Equal settings are the same candidate. `options` are what its cell is given, `auto` settled.
    """

    name: str
    settings: Mapping[str, Hashable]
    options: Options = field(default_factory=Options, compare=False)
    batch_size: int = field(default=1, compare=False)

    def __hash__(self) -> int:
        return hash(self.name)


def varied(space: Sequence[Candidate]) -> tuple[str, ...]:
    """The axes on which any two candidates of the space differ."""
    axes = dict.fromkeys(axis for one in space for axis in one.settings)
    return tuple(axis for axis in axes if len({one.settings.get(axis) for one in space}) > 1)


def changes(one: Candidate, other: Candidate) -> tuple[str, ...]:
    """The axes on which `one` differs from `other`."""
    axes = dict.fromkeys((*one.settings, *other.settings))
    return tuple(axis for axis in axes if one.settings.get(axis) != other.settings.get(axis))
