"""Where everything stands in a drawing of a network: rows from top to bottom, branches side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from bench.report.network.boxes import FAMILIES, JoinUnit, Unit, family, height_of, lines_of, text_width, units
from bench.report.network.folding import folded
from bench.report.network.legend import legend
from bench.report.network.shapes import Box, Drawing, Frame, Part, Point, Wire, beside
from bench.report.network.structure import Branches, Repeat, Row, Tangle, leaves
from bench.report.network.tangle import MOST_TANGLED, tangled
from bench.results.architecture import Architecture

__all__ = ["drawing"]

_GAP = 18.0  # between what follows one another
_FORK = 12.0  # from a row to where its branches part
_APART = 22.0  # between branches
_SKIP = 14.0  # beside a connection that passes others by
_PAD, _LABEL = 12.0, 16.0  # of a frame
_EDGE = 16.0
_GUTTER = 44.0  # between columns
_TALL = 1.25
"""How many times as tall as wide a drawing is to be, at about."""


def drawing(architecture: Architecture, title: str) -> Drawing:
    """The network drawn, in several columns where one would be much taller than wide."""
    laid = _Layout(architecture)
    top = laid.parts(folded(architecture), opens=True, ends=True)
    whole = _in_columns(top, linked=architecture.graph)
    shown = {box.family for box in whole.boxes}
    moved = whole.moved(_EDGE + whole.left, _EDGE)
    width, height = whole.width + 2 * _EDGE, whole.height + 2 * _EDGE
    keys, below = legend([name for name in FAMILIES if name in shown], _EDGE, height, width)
    return Drawing(
        width,
        height + below + _EDGE / 2,
        title,
        _told(architecture, len(whole.boxes)),
        moved.boxes,
        moved.frames,
        moved.wires,
        keys,
    )


def _told(architecture: Architecture, boxes: int) -> str:
    count = len([one for one in architecture.layers if one.kind != "InputLayer"])
    said = f"{count} layers in {boxes} boxes, from the input at the top to the output; "
    said += f"{architecture.trainable:,} trainable and {architecture.non_trainable:,} other parameters."
    return said if architecture.graph else f"{said} Their connections aren't known: {architecture.absent}."


class _Layout:
    def __init__(self, architecture: Architecture) -> None:
        self._architecture = architecture
        self._layers = architecture.layers
        every = [lines_of((leaf,), architecture, 2) for leaf in leaves(folded(architecture))]
        self._width = max([120.0, *map(text_width, every)])

    def parts(self, row: Row, *, opens: bool = False, ends: bool = False) -> list[Part]:
        """The elements of a row; `opens`: nothing leads into its first, `ends`: nothing out of its last."""
        found = units(row, self._layers)
        last = len(found) - 1
        return [
            self._part(one, opens=opens and place == 0, ends=ends and place == last) for place, one in enumerate(found)
        ]

    def _part(self, one: Unit | JoinUnit | Branches | Repeat | Tangle, *, opens: bool, ends: bool) -> Part:
        if isinstance(one, tuple):
            return self._box(one)
        if isinstance(one, JoinUnit):
            return _stacked([self._branches(one.branches, opens=opens, ends=False), self._box(one.unit)], gap=0.0)
        if isinstance(one, Branches):
            return self._branches(one, opens=opens, ends=ends)
        if isinstance(one, Tangle):
            return self._tangle(one, opens=opens, ends=ends)
        return self._repeat(one)

    def _box(self, unit: Unit, count: int = 1) -> Part:
        lines, width = lines_of(unit, self._architecture, count), self._width
        height = height_of(lines)
        kind = family(self._layers[unit[0].places[0]].kind)
        box = Box(-width / 2, 0.0, width, height, kind, lines, stacked=count > 1)
        return Part(width / 2, width / 2, height, (box,))

    def _repeat(self, repeat: Repeat) -> Part:
        found = units(repeat.row, self._layers)
        if len(found) == 1 and isinstance(found[0], tuple):
            return self._box(found[0], repeat.count)
        inner = _stacked(self.parts(repeat.row))
        left, right = inner.left + _PAD, inner.right + _PAD
        height = inner.height + _LABEL + _GAP + _PAD
        top = _LABEL + _PAD / 2
        frame = Frame(-left, 0.0, left + right, height, f"× {repeat.count}")
        wires = (
            Wire(((0.0, 0.0), (0.0, top)), arrow=not inner.forks),
            Wire(((0.0, top + inner.height), (0.0, height)), arrow=False),
        )
        framed = Part(left, right, height, frames=(frame,))
        return beside((framed, inner.moved(0.0, top)), wires, left, right, height, forks=True)

    def _branches(self, branches: Branches, *, opens: bool, ends: bool) -> Part:
        rows = [_stacked(self.parts(row, opens=opens, ends=ends)) if row else Part(0.0, 0.0) for row in branches.rows]
        tallest = max(part.height for part in rows)
        above, below = (0.0 if opens else 2 * _FORK), (0.0 if ends else _FORK + _GAP)
        height = above + tallest + below
        axes = _axes(rows, centred=opens or ends)
        moved, wires = [], []
        for part, axis, row in zip(rows, axes, branches.rows, strict=True):
            start = above if row else 0.0
            moved.append(part.moved(axis, above))
            if not row:
                wires.append(Wire(_bent((0.0, 0.0), axis, (0.0, height)), arrow=True))
                continue
            if not opens:
                wires.append(Wire(_corners((0.0, 0.0), (axis, start), _FORK / 2), arrow=not part.forks))
            if not ends:
                wires.append(
                    Wire(_corners((axis, start + part.height), (0.0, height), height - _GAP - start - part.height))
                )
        left = max(0.0, *(part.left - axis for part, axis in zip(rows, axes, strict=True)))
        right = max(0.0, *(part.right + axis for part, axis in zip(rows, axes, strict=True)))
        skips = _SKIP if not branches.rows[-1] else 0.0
        return beside(moved, wires, left, right + skips, height, forks=not opens)

    def _tangle(self, tangle: Tangle, *, opens: bool, ends: bool) -> Part:
        if len(tangle.layers) > MOST_TANGLED:
            lines = (f"{len(tangle.layers)} layers", "whose connections are too many to draw")
            width = max(self._width, text_width(lines))
            return Part(width / 2, width / 2, 40.0, (Box(-width / 2, 0.0, width, 40.0, "other", lines, stacked=True),))
        return tangled(tangle, self._architecture, self._box, opens=opens, ends=ends)


def _axes(rows: Sequence[Part], *, centred: bool) -> list[float]:
    """Where the axes of branches lie: of two the longer goes straight on, unless `centred`, of more they stand
    around the middle."""
    axes = [rows[0].left]
    for before, part in pairwise(rows):
        axes.append(axes[-1] + before.right + part.left + (_APART if part.height else _SKIP))
    several = sum(1 for part in rows if part.height) > (1 if centred else 2)
    middle = (axes[-1] + rows[-1].right) / 2 if several else axes[0]
    return [axis - middle for axis in axes]


def _corners(begin: Point, end: Point, down: float) -> tuple[Point, ...]:
    """From one point down by so much, across, and down to the other."""
    if begin[0] == end[0]:
        return begin, end
    y = begin[1] + down
    return begin, (begin[0], y), (end[0], y), end


def _bent(begin: Point, axis: float, end: Point) -> tuple[Point, ...]:
    """Past others on an `axis` of its own."""
    top, bottom = begin[1] + _FORK / 2, end[1] - _GAP
    return begin, (begin[0], top), (axis, top), (axis, bottom), (end[0], bottom), end


def _stacked(parts: Sequence[Part], gap: float = _GAP, *, linked: bool = True) -> Part:
    """One below the other, each connected with the next."""
    moved, wires, y = [], [], 0.0
    for place, part in enumerate(parts):
        if place:
            if gap and linked:
                wires.append(Wire(((0.0, y), (0.0, y + gap)), arrow=not part.forks))
            y += gap
        moved.append(part.moved(0.0, y))
        y += part.height
    left, right = (max((getattr(part, side) for part in parts), default=0.0) for side in ("left", "right"))
    return beside(moved, wires, left, right, y, forks=bool(parts) and parts[0].forks)


def _in_columns(parts: Sequence[Part], *, linked: bool) -> Part:
    """The parts of the whole in as many columns as make it about `_TALL` times as tall as wide."""
    options = [_columns(parts, count, linked) for count in range(1, 9)]
    return min(options, key=_oddness)[0]


def _oddness(option: tuple[Part, float]) -> float:
    """How far it is from the shape that is wanted, with much left empty worse than that."""
    part, empty = option
    return abs(math.log(part.height / part.width / _TALL)) + 3 * empty


def _columns(parts: Sequence[Part], count: int, linked: bool) -> tuple[Part, float]:
    """In so many columns at most; and what share of them is empty."""
    target = (sum(part.height + _GAP for part in parts) - _GAP) / count
    groups: list[list[Part]] = [[]]
    filled = 0.0
    for part in parts:
        if groups[-1] and filled + part.height / 2 > target and len(groups) < count:
            groups.append([])
            filled = 0.0
        groups[-1].append(part)
        filled += part.height + _GAP
    columns = [_stacked(group, linked=linked) for group in groups]
    top = _GAP + _FORK if len(columns) > 1 else 0.0
    moved, wires = [], []
    axis = columns[0].left
    tallest = max(column.height for column in columns)
    height = tallest + 2 * top
    for place, column in enumerate(columns):
        moved.append(column.moved(axis, top))
        if place + 1 < len(columns):
            following = columns[place + 1]
            further = axis + column.right + _GUTTER + following.left
            middle, end = axis + column.right + _GUTTER / 2, top + column.height
            corners = (
                (axis, end), (axis, end + _FORK), (middle, end + _FORK), (middle, _FORK / 2), (further, _FORK / 2),
                (further, top),
            )  # fmt: skip
            wires += [Wire(corners, arrow=not following.forks)] if linked else []
            axis = further
    right = axis + columns[-1].right
    empty = 1 - sum(column.height for column in columns) / (len(columns) * tallest)
    return beside(moved, wires, 0.0, right, height), empty
