"""Which colour is which kind of layers, below a drawing."""

from __future__ import annotations

from collections.abc import Sequence

from bench.report.network.boxes import FAMILIES

__all__ = ["Key", "legend"]

Key = tuple[float, float, str, str]
"""Where an entry begins, its family and its words."""

_LETTER, _MARK, _APART, _LINE = 6.0, 16.0, 18.0, 18.0


def legend(families: Sequence[str], x: float, y: float, width: float) -> tuple[tuple[Key, ...], float]:
    """The entries from `x` and `y` on, in as many lines as fit into `width`; and how tall they are together."""
    keys: list[Key] = []
    at = x
    top = y
    for name in families:
        words = FAMILIES[name]
        needed = _MARK + _LETTER * len(words)
        if at > x and at + needed > width:
            at, top = x, top + _LINE
        keys.append((at, top, name, words))
        at += needed + _APART
    return tuple(keys), top - y + _LINE
