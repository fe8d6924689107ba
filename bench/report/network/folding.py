"""Blocks that repeat, folded: what stands several times in a row stands once, and how often."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.report.network.structure import Block, Branches, Element, Leaf, Repeat, Row, Tangle, structure
from bench.results.architecture import Architecture, Layer

__all__ = ["FOLLOWERS", "folded"]

FOLLOWERS = frozenset(
    (
        "Activation BatchNormalization Dropout ELU Exponential GELU Gelu GroupNormalization LayerNormalization "
        "LeakyReLU Normalization PReLU ReLU Relu Rescaling SiLU Sigmoid Silu Softmax SpatialDropout1D SpatialDropout2D "
        "SpectralNormalization Tanh UnitNormalization RMSNormalization"
    ).split()
)
"""Kinds that change what a layer before them gives, and not what it is: a block begins with none of them."""

_LONGEST = 64
"""Elements of a block."""


def folded(architecture: Architecture) -> Row:
    """The structure of the network, with repeats as one.

    Two layers are alike where their kind and settings are (but for names, first weights and the rate of a dropout),
    what they give is of one type and of as many dimensions, equal but for the last one, the channels, and both are
    frozen, or neither. What a layer makes of the channels that it takes is in its settings, so that a dense block whose
    channels grow with each layer is a repeat, and a convolution with other filters is none. Branches are alike where
    there are as many, each with its like, and what they meet in is too.

    Of what repeats in a row, that is folded first which covers most layers; of the same cover, the shortest; and then
    what stands before and after, and within. A block begins with none of `FOLLOWERS` where it may.
    """
    return _Folding(architecture.layers).row(structure(architecture))


class _Folding:
    def __init__(self, layers: Sequence[Layer]) -> None:
        self._layers = layers
        self._known: dict[int, str] = {}

    def row(self, row: Row) -> Row:
        return tuple(self._folded([self._inner(one) for one in row]))

    def _inner(self, one: Element) -> Element:
        """With the rows of its branches folded; the longest first, so that those of its like stand in one order."""
        if isinstance(one, Block):
            inner = self._inner(one.branches)
            assert isinstance(inner, Branches)
            return Block(inner, one.join)
        if isinstance(one, Branches):
            return Branches(tuple(sorted(map(self.row, one.rows), key=lambda row: (-_length(row), self._signs(row)))))
        return one

    def _folded(self, row: Sequence[Element]) -> Iterator[Element]:
        signs = [self._sign(one) for one in row]
        found = self._best(row, signs)
        if found is None:
            yield from row
            return
        start, period, count = found
        end = start + period * count
        yield from self._folded(row[:start])
        copies = [row[place : place + period] for place in range(start, end, period)]
        merged = [_merged(alike) for alike in zip(*copies, strict=True)]
        yield Repeat(tuple(self._folded(merged)), count)
        yield from self._folded(row[end:])

    def _best(self, row: Sequence[Element], signs: Sequence[str]) -> tuple[int, int, int] | None:
        """Where the repeat begins, how long its block is, and how often it stands there."""
        best: tuple[int, int, int] | None = None
        most = 0
        for period in range(1, min(len(row) // 2, _LONGEST) + 1):
            for start, length in _runs(signs, period):
                count = length // period
                covered = count * period
                if covered > most:
                    most = covered
                    free = range(start, start + length - covered + 1)
                    best = next((one for one in free if not self._follows(row[one])), start), period, count
        return best

    def _follows(self, one: Element) -> bool:
        return isinstance(one, Leaf) and self._layers[one.places[0]].kind in FOLLOWERS

    def _signs(self, row: Sequence[Element]) -> str:
        return " ".join(map(self._sign, row))

    def _sign(self, one: Element) -> str:
        """Equal for what is alike."""
        if isinstance(one, Leaf):
            return self._leaf(one)
        if isinstance(one, Block):
            return f"{self._sign(one.branches)}{self._leaf(one.join)}"
        if isinstance(one, Branches):
            return "{" + "|".join(map(self._signs, one.rows)) + "}"
        if isinstance(one, Repeat):
            return f"{one.count}[{self._signs(one.row)}]"
        return self._tangled(one)

    def _leaf(self, leaf: Leaf) -> str:
        place = leaf.places[0]
        if place not in self._known:
            layer = self._layers[place]
            sizes = [[len(shape), *shape[:-1]] for shape in layer.shapes]
            state = (layer.dtype, layer.frozen, layer.macs is None, layer.again)
            self._known[place] = repr((layer.kind, layer.alike, sizes, state))
        return self._known[place]

    def _tangled(self, tangle: Tangle) -> str:
        numbers = {one.places[0]: number for number, one in enumerate(tangle.layers)}
        takes = [[numbers.get(taken, -1) for taken in self._layers[place].takes] for place in numbers]
        return f"<{self._signs(tangle.layers)} {takes}>"


def _runs(signs: Sequence[str], period: int) -> Iterator[tuple[int, int]]:
    """Where a row repeats after `period` elements, at least once: the beginning, and how many elements that holds."""
    start = 0
    for place in range(len(signs) - period + 1):
        if place == len(signs) - period or signs[place] != signs[place + period]:
            if place - start >= period:
                yield start, place - start + period
            start = place + 1


def _merged(alike: Sequence[Element]) -> Element:
    """One that stands for all of these, which are alike."""
    first = alike[0]
    if isinstance(first, Leaf):
        return Leaf(tuple(sorted(place for one in alike for place in one.places)))  # type: ignore[union-attr]
    if isinstance(first, Block):
        branches = _merged([one.branches for one in alike])  # type: ignore[union-attr]
        join = _merged([one.join for one in alike])  # type: ignore[union-attr]
        assert isinstance(branches, Branches)
        assert isinstance(join, Leaf)
        return Block(branches, join)
    if isinstance(first, Branches):
        return Branches(tuple(_rows([one.rows for one in alike])))  # type: ignore[union-attr]
    if isinstance(first, Repeat):
        return Repeat(_row([one.row for one in alike]), first.count)  # type: ignore[union-attr]
    return Tangle(_row([one.layers for one in alike]))  # type: ignore[union-attr, arg-type]


def _rows(copies: Sequence[Sequence[Row]]) -> Iterator[Row]:
    return (_row(alike) for alike in zip(*copies, strict=True))


def _row(copies: Sequence[Row]) -> Row:
    return tuple(_merged(alike) for alike in zip(*copies, strict=True))


def _length(row: Sequence[Element]) -> int:
    return sum(
        1
        if isinstance(one, Leaf)
        else 1 + _length((one.branches,))
        if isinstance(one, Block)
        else sum(map(_length, one.rows))
        if isinstance(one, Branches)
        else _length(one.row) * one.count
        if isinstance(one, Repeat)
        else len(one.layers)
        for one in row
    )
