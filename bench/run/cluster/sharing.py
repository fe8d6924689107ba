"""Nodes of one kind share a suite's networks. The cells of a network, which are compared, stay on one node."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from bench.host.hardware import Hardware
from bench.host.registry import differences
from bench.suite.cells import Cell

__all__ = ["alike", "shared_out"]

T = TypeVar("T")


def alike(places: Sequence[T], hardware: Callable[[T], Hardware]) -> list[list[T]]:
    """The nodes, or what there is of each, by machine: what `hardware` it is, as TensorFlow or the node itself says."""
    groups: list[list[T]] = []
    for place in places:
        for group in groups:
            if not differences(hardware(group[0]), hardware(place)):
                group.append(place)
                break
        else:
            groups.append([place])
    return groups


def shared_out(cells: Sequence[Cell], nodes: int) -> list[tuple[Cell, ...]]:
    """The cells of each node, of as many nodes as there are networks at most: each network goes whole to the node that
    has the fewest cells by then, the largest first."""
    networks: dict[tuple[str, int, int], list[Cell]] = {}
    for cell in cells:
        networks.setdefault((cell.model.name, cell.batch_size, cell.seed), []).append(cell)
    shares: list[list[Cell]] = [[] for _ in range(min(nodes, len(networks)))]
    for network in sorted(networks.values(), key=len, reverse=True):
        min(shares, key=len).extend(network)
    place = {cell.id: number for number, cell in enumerate(cells)}
    return [tuple(sorted(share, key=lambda cell: place[cell.id])) for share in shares]
