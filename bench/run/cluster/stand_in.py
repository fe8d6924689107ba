"""Another node for one that was lost."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import ExitStack

from bench.errors import InputError
from bench.run.cluster.nodes import Node
from bench.run.cluster.station import LostError, Station

__all__ = ["stand_in"]


def stand_in(lost: Node, nodes: Sequence[Node], busy: Collection[str], stack: ExitStack) -> Station | None:
    """The same node, if it lives, else another of its kind; reserved until the end of `stack`. None: there is none.

    `nodes` are those that may, and those of the ids `busy` are at work for this run.
    """
    import ray

    try:
        alive = {about["NodeID"] for about in ray.nodes() if about["Alive"]}
    except ray.exceptions.RayError:  # the cluster has gone
        return None
    free = alive - set(busy)
    kind = [node for node in nodes if node.kind == lost.kind and node.unfit is None and node.id in free]
    for node in sorted(kind, key=lambda node: node.id != lost.id):
        try:
            station = Station.at(node)
        except (InputError, LostError):
            continue
        stack.callback(station.leave)
        return station
    return None
