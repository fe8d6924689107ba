"""What stands in a box: a layer, with what only changes what that gives."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from bench.report.network.folding import FOLLOWERS
from bench.report.network.structure import Element, Leaf
from bench.report.network.words import kind_text, settings_text, shape_text
from bench.results.architecture import Layer
from bench.support.plain_text import plain_text

__all__ = ["FAMILIES", "Unit", "family", "height_of", "lines_of", "text_width", "units"]

Unit = tuple[Leaf, ...]
"""Layers in one box, the first of them its title."""

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
_SHORT = {"BatchNormalization": "BatchNorm", "LayerNormalization": "LayerNorm", "ZeroPadding2D": "padding"}
_LONGEST = 46
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


def units(row: Sequence[Element], layers: Sequence[Layer]) -> list[Element | Unit]:
    """A row with its layers in boxes: what `FOLLOWERS` are joins the box before it in the row, or begins one."""
    found: list[Element | Unit] = []
    for is_leaf, some in groupby(row, lambda one: isinstance(one, Leaf)):
        for one in some:
            if not is_leaf or not isinstance(one, Leaf):
                found.append(one)
            elif found and isinstance(found[-1], tuple) and _joins(one, layers):
                found[-1] = (*found[-1], one)
            else:
                found.append((one,))
    return found


def _joins(leaf: Leaf, layers: Sequence[Layer]) -> bool:
    return layers[leaf.places[0]].kind in FOLLOWERS


def lines_of(unit: Unit, layers: Sequence[Layer], count: int = 1) -> tuple[str, ...]:
    """A box's text: kind and settings; what joins it; shape and parameters."""
    groups = [[layers[place] for place in leaf.places] for leaf in unit]
    every = [layer for group in groups for layer in group]
    parameters = sum(layer.trainable + layer.non_trainable for layer in every)
    frozen = [layer for layer in every if layer.frozen]
    settings = settings_text(groups[0])
    title = " ".join(part for part in (kind_text(groups[0]), settings) if part)
    more = ", ".join(dict.fromkeys(_short(group) for group in groups[1:]))
    counted = f"{parameters:,} params{', frozen' if frozen else ''}" if parameters else ""
    last = " · ".join(part for part in (shape_text(groups[-1]), counted) if part)
    lines = (f"{count} × {title}" if count > 1 else title, f"+ {more}" if more else "", last)
    return tuple(_cut(line) for line in lines if line)


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
