"""A network's layers for programs: each call, and how they repeat and part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.report.network.folding import folded
from bench.report.network.structure import Block, Branches, Element, Leaf, Tangle
from bench.results.architecture import Architecture

__all__ = ["layers_json"]


def layers_json(architecture: Architecture) -> dict[str, Any]:
    """`layer_calls` with each one's share of the multiply-adds, and `structure`, whose numbers are places among them.

    In it a list of places is a layer, or several alike that are folded; `repeat` is how often a `row` stands there,
    `branches` are rows, `join` what they meet in, and `tangle` layers that are no nested branches.
    """
    total = architecture.macs
    calls = [
        layer.model_dump(mode="json", exclude={"alike"})
        | {"share": layer.macs / total if layer.macs is not None and total else None}
        for layer in architecture.layers
    ]
    return {
        "layer_calls": calls,
        "outputs": list(architecture.outputs),
        "structure": [_plain(one) for one in folded(architecture)],
    }


def _plain(one: Element) -> Any:
    if isinstance(one, Leaf):
        return list(one.places)
    if isinstance(one, Block):
        return {"branches": _rows(one.branches.rows), "join": list(one.join.places)}
    if isinstance(one, Branches):
        return {"branches": _rows(one.rows)}
    if isinstance(one, Tangle):
        return {"tangle": [list(leaf.places) for leaf in one.layers]}
    return {"repeat": one.count, "row": [_plain(inner) for inner in one.row]}


def _rows(rows: Sequence[Sequence[Element]]) -> list[Any]:
    return [[_plain(one) for one in row] for row in rows]
