"""A folded network as lines, one under another: layers, repeats, and branches with what lies in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.report.network.structure import Block, Branches, Element, Leaf, Repeat, Row, Tangle, leaves
from bench.results.architecture import Layer

__all__ = ["Line", "lines"]


@dataclass(frozen=True)
class Line:
    """`depth` is how many repeats and branches it lies in; `says` heads what follows deeper, where it is no `leaf`."""

    depth: int
    says: str = ""
    leaf: Leaf | None = None


def lines(row: Row, layers: Sequence[Layer], depth: int = 0) -> Iterator[Line]:
    """Every layer's line after those that it takes from, where there are no tangles."""
    for one in row:
        yield from _lines(one, layers, depth)


def _lines(one: Element, layers: Sequence[Layer], depth: int) -> Iterator[Line]:
    if isinstance(one, Leaf):
        yield Line(depth, leaf=one)
    elif isinstance(one, Block):
        yield from _lines(one.branches, layers, depth)
        yield Line(depth, leaf=one.join)
    elif isinstance(one, Branches):
        for number, branch in enumerate(one.rows, 1):
            passed = "" if branch else ": a connection past the others"
            yield Line(depth, f"branch {number} of {len(one.rows)}{passed}")
            yield from lines(branch, layers, depth + 1)
    elif isinstance(one, Tangle):
        yield Line(depth, f"{len(one.layers)} layers whose connections are no nested branches")
        yield from (Line(depth + 1, leaf=leaf) for leaf in one.layers)
    else:
        yield from _repeat(one, layers, depth)


def _repeat(one: Repeat, layers: Sequence[Layer], depth: int) -> Iterator[Line]:
    found = list(leaves(one.row))
    if len(found) == 1 and isinstance(one.row[0], Leaf):
        yield Line(depth, f"{one.count} ×", found[0])
        return
    yield Line(depth, f"{one.count} × {len(found)} layers, sums over all {one.count}")
    yield from lines(one.row, layers, depth + 1)
