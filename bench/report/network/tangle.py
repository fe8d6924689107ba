"""Layers whose connections are no nested branches, drawn in ranks: each below all that it takes from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import fmean
from typing import Final

from bench.report.network.shapes import Part, Point, Wire, beside
from bench.report.network.structure import Leaf, Tangle
from bench.results.architecture import Architecture

__all__ = ["MOST_TANGLED", "tangled"]

MOST_TANGLED: Final = 120
"""Layers of a tangle that are drawn: of more nobody could follow the lines."""

_DOWN, _APART, _PASS = 46.0, 20.0, 18.0
_SWEEPS = 8


@dataclass
class _Node:
    """A layer's box in a rank, or where a connection passes through that rank (no `part`)."""

    rank: int
    part: Part | None = None
    above: list[_Node] = field(default_factory=list)
    below: list[_Node] = field(default_factory=list)
    x: float = 0.0
    y: float = 0.0

    @property
    def width(self) -> float:
        return self.part.width if self.part is not None else _PASS


def tangled(
    tangle: Tangle,
    architecture: Architecture,
    box: Callable[[tuple[Leaf, ...]], Part],
    *,
    opens: bool,
    ends: bool,
) -> Part:
    """After Sugiyama's method: ranks by the longest way, connections over several ranks through a place in each, and
    the order in a rank by the mean place of what each is connected with."""
    nodes, begins, stops = _graph(tangle, architecture, box)
    depth = max(node.rank for node in nodes.values()) + 1
    entry, exit_ = _Node(-1), _Node(depth)
    links = [(nodes[one], nodes[other]) for one, other in _links(tangle, architecture)]
    links += [] if opens else [(entry, nodes[place]) for place in begins]
    links += [] if ends else [(nodes[place], exit_) for place in stops]
    ranks: list[list[_Node]] = [[] for _ in range(depth)]
    for node in nodes.values():
        ranks[node.rank].append(node)
    ways = [_way(begin, end, ranks) for begin, end in links]
    _order(ranks)
    height = _place(ranks)
    exit_.y = height
    left = max((node.width / 2 - node.x for rank in ranks for node in rank), default=0.0)
    right = max((node.width / 2 + node.x for rank in ranks for node in rank), default=0.0)
    parts = [node.part.moved(node.x, node.y) for node in nodes.values() if node.part is not None]
    return beside(parts, [Wire(_points(way)) for way in ways], left, right, height, forks=not opens)


def _graph(
    tangle: Tangle, architecture: Architecture, box: Callable[[tuple[Leaf, ...]], Part]
) -> tuple[dict[int, _Node], list[int], list[int]]:
    """The nodes by place; those that take from before the tangle, and those that give to what follows it."""
    nodes: dict[int, _Node] = {}
    given = defaultdict(set)
    for place, layer in enumerate(architecture.layers):
        for taken in layer.takes:
            given[taken].add(place)
    begins, stops = [], []
    inner = {leaf.places[0] for leaf in tangle.layers}
    for leaf in tangle.layers:
        place = leaf.places[0]
        takes = architecture.layers[place].takes
        rank = 1 + max((nodes[taken].rank for taken in takes if taken in nodes), default=-1)
        nodes[place] = _Node(rank, box((leaf,)))
        begins += [place] if set(takes) - inner or not takes else []
        stops += [place] if given[place] - inner or place in architecture.outputs else []
    return nodes, begins, stops


def _links(tangle: Tangle, architecture: Architecture) -> list[tuple[int, int]]:
    inner = {leaf.places[0] for leaf in tangle.layers}
    return [(taken, place) for place in sorted(inner) for taken in architecture.layers[place].takes if taken in inner]


def _way(begin: _Node, end: _Node, ranks: Sequence[list[_Node]]) -> list[_Node]:
    """The nodes from one to the other, with one that is passed through in each rank between them."""
    way = [begin]
    for rank in range(begin.rank + 1, end.rank):
        ranks[rank].append(_Node(rank))
        way.append(ranks[rank][-1])
    way.append(end)
    for above, below in pairwise(way):
        above.below.append(below)
        below.above.append(above)
    return way


def _order(ranks: Sequence[list[_Node]]) -> None:
    """Sort each rank by what its nodes are connected with, down and up in turns."""
    for rank in ranks:
        _spread(rank)
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        for rank in ranks if down else list(reversed(ranks)):
            wanted = {id(node): [one.x for one in (node.above if down else node.below)] for node in rank}
            rank.sort(key=lambda node: fmean(wanted[id(node)]) if wanted[id(node)] else node.x)
            _spread(rank)


def _spread(rank: Sequence[_Node]) -> None:
    """Side by side, around the axis."""
    x = -(sum(node.width for node in rank) + _APART * (len(rank) - 1)) / 2
    for node in rank:
        node.x = x + node.width / 2
        x += node.width + _APART


def _place(ranks: Sequence[Sequence[_Node]]) -> float:
    y = _DOWN
    for rank in ranks:
        tallest = max((node.part.height for node in rank if node.part is not None), default=0.0)
        for node in rank:
            node.y = y if node.part is not None else y + tallest / 2
        y += tallest + _DOWN
    return y


def _points(way: Sequence[_Node]) -> tuple[Point, ...]:
    first = way[0]
    begin = (first.x, first.y + (first.part.height if first.part is not None else 0.0))
    return (begin, *((node.x, node.y) for node in way[1:]))
