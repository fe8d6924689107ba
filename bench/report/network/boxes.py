"""What stands in a box: a layer, with what only changes what that gives."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from bench.report.network.folding import FOLLOWERS
from bench.report.network.structure import Block, Branches, Element, Leaf, Repeat, Tangle
from bench.report.network.words import kind_text, settings_text, shape_text
from bench.results.architecture import Architecture, Layer
from bench.support.plain_text import plain_text

__all__ = ["FAMILIES", "JoinUnit", "Unit", "family", "height_of", "lines_of", "text_width", "units"]

Unit = tuple[Leaf, ...]
"""Layers in one box, the first of them its title."""


@dataclass(frozen=True)
class JoinUnit:
    """Branches, and the box that they meet in."""

    branches: Branches
    unit: Unit


FAMILIES: Final = {
    "input": "input",
    "convolution": "convolution",
    "dense": "dense",
    "pooling": "pooling, resampling",
    "merge": "merging",
    "sequence": "recurrent, attention",
    "change": "normalisation, activation",
    "other": "other",
}
"""Kinds of layers that have a colour of their own, and what each is called in a legend."""

_MERGES = frozenset("Add Average Concatenate Dot Maximum Minimum Multiply Subtract".split())
_WORDS = {
    "convolution": ("Conv",),
    "dense": ("Dense", "Matmul", "Einsum"),
    "pooling": ("Pool", "UpSampling", "Resizing", "Cropping"),
    "sequence": ("LSTM", "GRU", "RNN", "Bidirectional", "Attention", "Embedding", "TimeDistributed"),
}
_SHORT = {"BatchNormalization": "BatchNorm", "LayerNormalization": "LayerNorm"}
_LONGEST = 46
_UNNAMED = re.compile(r"input_layer(_\d+)?|keras_tensor(_\d+)?")
_TITLE, _LINE, _MARGIN = 17.0, 14.0, 9.0


def family(kind: str) -> str:
    """The kind of layers that a layer's kind belongs to, a key of `FAMILIES`.

    >>> family("SeparableConv2D"), family("Add"), family("Flatten")
    ('convolution', 'merge', 'other')
    """
    if kind == "InputLayer":
        return "input"
    if kind in _MERGES:
        return "merge"
    if kind in FOLLOWERS:
        return "change"
    return next((name for name, words in _WORDS.items() if any(word in kind for word in words)), "other")


def units(row: Sequence[Element], layers: Sequence[Layer]) -> list[Unit | JoinUnit | Branches | Repeat | Tangle]:
    """A row with its layers in boxes: what `FOLLOWERS` are joins the box before it in the row, or begins one."""
    found: list[Unit | JoinUnit | Branches | Repeat | Tangle] = []
    for one in row:
        last = found[-1] if found else None
        if isinstance(one, Block):
            found.append(JoinUnit(one.branches, (one.join,)))
        elif not isinstance(one, Leaf):
            found.append(one)
        elif isinstance(last, tuple) and _joins(one, layers):
            found[-1] = (*last, one)
        elif isinstance(last, JoinUnit) and _joins(one, layers):
            found[-1] = replace(last, unit=(*last.unit, one))
        else:
            found.append((one,))
    return found


def _joins(leaf: Leaf, layers: Sequence[Layer]) -> bool:
    return layers[leaf.places[0]].kind in FOLLOWERS


def lines_of(unit: Unit, architecture: Architecture, count: int = 1) -> tuple[str, ...]:
    """A box's text: kind and settings; what joins it; the output's name where there are several; shape and
    parameters. Of `count` alike it says so."""
    layers = architecture.layers
    groups = [[layers[place] for place in leaf.places] for leaf in unit]
    first = groups[0][0]
    if first.kind == "InputLayer":
        title = "Input" if _UNNAMED.fullmatch(first.name) else f"Input {plain_text(first.name)}"
    else:
        title = " ".join(part for part in (kind_text(groups[0]), settings_text(groups[0])) if part)
    more = ", ".join(dict.fromkeys(_short(group) for group in groups[1:]))
    last = " · ".join(part for part in (shape_text(groups[-1]), _parameters(groups)) if part)
    output = unit[-1].places[-1] in architecture.outputs and len(architecture.outputs) > 1
    name = f"output {plain_text(groups[-1][-1].name)}" if output else ""
    lines = (f"{count} × {title}" if count > 1 else title, f"+ {more}" if more else "", name, last)
    return tuple(_cut(line) for line in lines if line)


def _parameters(groups: Sequence[Sequence[Layer]]) -> str:
    """Of one of those that a box stands for, where all have as many; else of all of them."""
    each = [sum(layer.trainable + layer.non_trainable for layer in one) for one in zip(*groups, strict=True)]
    if not any(each):
        return ""
    frozen = ", frozen" if any(layer.frozen for group in groups for layer in group) else ""
    alike = len(set(each)) == 1
    return f"{each[0] if alike else sum(each):,} params{'' if alike else ' in all'}{frozen}"


def _short(group: Sequence[Layer]) -> str:
    kind, settings = plain_text(group[0].kind), settings_text(group)
    if kind == "Activation":
        return settings
    return " ".join(part for part in (_SHORT.get(kind, kind), settings) if part)


def _cut(line: str) -> str:
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def text_width(lines: Sequence[str]) -> float:
    """Of a box with these lines: room for wide letters, for which letters there will be isn't known."""
    return max(8.1 * len(lines[0]), *(6.4 * len(line) for line in lines)) + 16


def height_of(lines: Sequence[str]) -> float:
    """Of a box with these lines."""
    return _TITLE + _LINE * (len(lines) - 1) + _MARGIN
