"""Nodes of one kind share a suite's networks. The cells of a network, which are compared, stay on one node."""

from __future__ import annotations

from collections.abc import Sequence

from bench.host.hardware import Hardware
from bench.host.registry import differences
from bench.run.cluster.station import Station
from bench.suite.cells import Cell

__all__ = ["alike", "shared_out"]


def alike(stations: Sequence[Station]) -> list[list[Station]]:
    """The stations by machine, now that TensorFlow has said what it computes on there."""
    groups: list[list[Station]] = []
    for station in stations:
        for group in groups:
            if not differences(_hardware(group[0]), _hardware(station)):
                group.append(station)
                break
        else:
            groups.append([station])
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


def _hardware(station: Station) -> Hardware:
    assert station.ready is not None
    return station.ready.setting.hardware
