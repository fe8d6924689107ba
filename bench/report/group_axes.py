"""What names a model, batch size and seed in a table's rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bench.analyse.options import Group

__all__ = ["GroupAxes", "group_axes", "without_repeats"]

_HEADINGS = ("model", "batch", "seed")


@dataclass(frozen=True)
class GroupAxes:
    """The places of a group that are shown: the model's, and those of batch size and seed where they vary."""

    places: tuple[int, ...]

    @property
    def headings(self) -> tuple[str, ...]:
        return tuple(_HEADINGS[place] for place in self.places)

    def names(self, group: Group) -> tuple[str, ...]:
        return tuple(str(group[place]) for place in self.places)

    def title(self, group: Group) -> str:
        """`vgg16`, or `vgg16, batch 64` where batch sizes vary."""
        return ", ".join(str(group[p]) if p == 0 else f"{_HEADINGS[p]} {group[p]}" for p in self.places)


def group_axes(groups: Iterable[Group]) -> GroupAxes:
    """The axes that tell these groups apart."""
    groups = set(groups)
    return GroupAxes((0, *(place for place in (1, 2) if len({group[place] for group in groups}) > 1)))


def without_repeats(names: tuple[str, ...], before: tuple[str, ...]) -> tuple[str, ...]:
    """The names of a row, blank as far as they only repeat those of the row before from the left on."""
    same = True
    shown = []
    for place, name in enumerate(names):
        same = same and place < len(before) and before[place] == name
        shown.append("" if same else name)
    return tuple(shown)
