"""What a network's graph is made of: layers in a row, and branches that part and meet again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bench.results.architecture import Architecture, Layer

__all__ = ["Block", "Branches", "Element", "Leaf", "Repeat", "Row", "Tangle", "leaves", "structure"]

_DEEPEST = 40
"""Branches within branches; what lies deeper is told as it stands."""


@dataclass(frozen=True)
class Leaf:
    """A layer, and all those that it stands for where blocks are folded: their places in the architecture."""

    places: tuple[int, ...]


@dataclass(frozen=True)
class Branches:
    """Rows that begin at one place and end at one; an empty row is a connection that passes the others by."""

    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Block:
    """Branches, and the layer that they meet in."""

    branches: Branches
    join: Leaf


@dataclass(frozen=True)
class Tangle:
    """Layers whose connections are no nested branches, in an order in which each stands after those it takes from."""

    layers: tuple[Leaf, ...]


@dataclass(frozen=True)
class Repeat:
    """A row that stands `count` times in a row; its leaves stand for all of them."""

    row: Row
    count: int


Element: TypeAlias = Leaf | Block | Branches | Tangle | Repeat
Row: TypeAlias = tuple[Element, ...]


def structure(architecture: Architecture) -> Row:
    """The network as a row of layers, of blocks of branches, and of what is neither.

    A layer stands in the row where every way through the network leads through it. What lies between two such layers
    is parted into its connected pieces, a branch each, and each branch is looked at in the same way. Where a piece
    can't be parted so, it is a tangle. Several inputs or outputs are branches that begin or end at the edge.

    A network without a graph is a row of its layers.
    """
    layers = architecture.layers
    if not architecture.graph:
        return tuple(Leaf((place,)) for place in range(len(layers)))
    return _Graph(layers, architecture.outputs).row(range(len(layers)), -1, len(layers))


def leaves(row: Sequence[Element]) -> Iterator[Leaf]:
    """Every layer of a row, branches one after another."""
    for one in row:
        if isinstance(one, Leaf):
            yield one
        elif isinstance(one, Block):
            yield from leaves((one.branches, one.join))
        elif isinstance(one, Tangle):
            yield from one.layers
        elif isinstance(one, Branches):
            for branch in one.rows:
                yield from leaves(branch)
        else:
            yield from leaves(one.row)


class _Graph:
    """Layers by their places, with -1 for where all begin and `len(layers)` for where all end."""

    def __init__(self, layers: Sequence[Layer], outputs: Sequence[int]) -> None:
        end = len(layers)
        self._next: dict[int, set[int]] = defaultdict(set)
        for place, layer in enumerate(layers):
            for taken in layer.takes or (-1,):
                self._next[taken].add(place)
        for place in range(end):
            if place in outputs or not self._next[place]:
                self._next[place].add(end)

    def row(self, inner: Sequence[int], entry: int, end: int, depth: int = 0, *, passed: bool = False) -> Row:
        """The places `inner`, in order, between `entry` and `end`; `passed`: a connection past all of them is told of
        elsewhere."""
        found: list[Element] = []
        between: list[int] = []
        own = {*inner, *(() if passed else (end,))}
        before, reach = entry, max(self._next[entry] & own, default=-1)
        for place in inner:
            if reach <= place:
                found += self._between(between, before, place, depth)
                found.append(Leaf((place,)))
                between, before = [], place
            else:
                between.append(place)
            reach = max(reach, *self._next[place])
        found += self._between(between, before, end, depth, passed=passed and before == entry)
        return _joined(found)

    def _between(
        self, between: Sequence[int], before: int, after: int, depth: int, *, passed: bool = False
    ) -> Iterator[Element]:
        """What lies `between` two places that every way leads through."""
        if not between:
            return
        direct = after in self._next[before] and not passed
        pieces = self._pieces(between)
        if (len(pieces) == 1 and not direct) or depth == _DEEPEST:
            yield Tangle(tuple(Leaf((place,)) for place in between))
            return
        rows = [self.row(piece, before, after, depth + 1, passed=True) for piece in pieces]
        yield Branches((*rows, *(((),) if direct else ())))

    def _pieces(self, between: Sequence[int]) -> list[list[int]]:
        """Those that are connected among themselves, each in order."""
        top = {place: place for place in between}

        def root(place: int) -> int:
            while top[place] != place:
                top[place] = top[top[place]]
                place = top[place]
            return place

        for place in between:
            for one in self._next[place]:
                if one in top:
                    top[root(one)] = root(place)
        pieces: dict[int, list[int]] = defaultdict(list)
        for place in between:
            pieces[root(place)].append(place)
        return list(pieces.values())


def _joined(found: Sequence[Element]) -> Row:
    """Branches and the layer that follows them as one block."""
    row: list[Element] = []
    for one in found:
        if isinstance(one, Leaf) and row and isinstance(row[-1], Branches):
            row[-1] = Block(row[-1], one)
        else:
            row.append(one)
    return tuple(row)
