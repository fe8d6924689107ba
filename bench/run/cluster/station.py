"""A node at work: reserved as a whole, with an actor there, and what the node's process has said so far."""

from __future__ import annotations

import pickle
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any

from bench.errors import Fault, InputError, gathered
from bench.run.cluster.nodes import Node
from bench.run.cluster.words import Ready

__all__ = ["LostError", "Station", "reserved", "words_of"]

_LOOK_SECONDS = 0.5
_RESERVE_SECONDS = 10.0
_START_SECONDS = 60.0
_USED_UP = "Ray's memory monitor ended it: its node's memory was used up"
_NODE_ID = "ray.io/node-id"


class LostError(Exception):
    """A node's process, its worker or the node itself has gone; `out_of_memory`: Ray's memory monitor ended it."""

    def __init__(self, why: str, *, out_of_memory: bool = False) -> None:
        super().__init__(why)
        self.out_of_memory = out_of_memory


@dataclass
class Station:
    """A node that runs a part: `ready` is what it could begin with, `host` the id of the machine that it is."""

    node: Node
    _group: Any
    _actor: Any
    ready: Ready | None = None
    host: str = ""
    _pending: Any = None
    _left: bool = False

    @classmethod
    def at(cls, node: Node) -> Station:
        """Reserve all processors and cards of the node, and start an actor there.

        Raises InputError where others hold some of them, LostError where it doesn't start.
        """
        import ray
        from ray.util.placement_group import placement_group, remove_placement_group
        from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy

        from bench.run.cluster.actor import NodeActor

        wanted = {name: node.resources[name] for name in ("CPU", "GPU") if node.resources.get(name)}
        wanted = wanted or {f"node:{node.address}": 0.001}
        group = placement_group([wanted], strategy="STRICT_PACK", bundle_label_selector=[{_NODE_ID: node.id}])
        if not group.wait(_RESERVE_SECONDS):
            remove_placement_group(group)
            raise InputError(_taken(node, wanted))
        actor = (
            ray.remote(NodeActor)
            .options(
                num_cpus=wanted.get("CPU", 0),
                num_gpus=wanted.get("GPU", 0),
                resources={name: amount for name, amount in wanted.items() if name not in ("CPU", "GPU")},
                scheduling_strategy=PlacementGroupSchedulingStrategy(group, placement_group_bundle_index=0),
                max_concurrency=4,
                max_restarts=0,
            )
            .remote(bool(wanted.get("GPU")))
        )
        return cls(node, group, actor)

    def send(self, word: object) -> None:
        """Say something to the node's process, without waiting: that it is lost will be heard of."""
        self._actor.send.remote(pickle.dumps(word))

    def listen(self) -> Any:
        """What becomes ready once the process has something to say, or some seconds have passed."""
        if self._pending is None:
            self._pending = self._actor.take.remote()
        return self._pending

    def heard(self) -> tuple[list[object], str | None]:
        """What it has said, and how its process ended, if it has. Raises LostError."""
        import ray

        pending, self._pending = self._pending, None
        words, ended = self._get(pending, ray)
        return [pickle.loads(word) for word in words], ended  # noqa: S301 - from a process of our own

    def interrupt(self) -> None:
        """Let it end as on Ctrl-C."""
        self._quietly(lambda: self._actor.interrupt.remote())

    def leave(self) -> None:
        """End all that is left there, and give the node back."""
        import ray
        from ray.util.placement_group import remove_placement_group

        if self._left:
            return
        self._left = True
        self._quietly(lambda: ray.get(self._actor.stop.remote(), timeout=_RESERVE_SECONDS))
        self._quietly(lambda: ray.kill(self._actor))
        self._quietly(lambda: remove_placement_group(self._group))

    @staticmethod
    def _get(ref: Any, ray: Any) -> Any:
        errors = ray.exceptions
        try:
            return ray.get(ref, timeout=_START_SECONDS)
        except errors.OutOfMemoryError as error:
            raise LostError(_USED_UP, out_of_memory=True) from error
        except errors.GetTimeoutError as error:
            raise LostError(f"it gave no answer in {_START_SECONDS:g} s") from error
        except errors.ActorUnavailableError as error:  # what it said meanwhile would be lost, if it came back
            raise LostError("it is out of reach") from error
        except errors.RayError as error:
            if "running low on memory" in str(error):
                raise LostError(_USED_UP, out_of_memory=True) from error
            raise LostError(_why(error)) from error

    @staticmethod
    def _quietly(do: Callable[[], object]) -> None:
        import ray

        with suppress(ray.exceptions.RayError):  # it has gone by itself
            do()


def reserved(nodes: Sequence[Node], stack: ExitStack) -> list[Station]:
    """Each of the nodes reserved, for as long as `stack` lasts. Raises InputError with all that are taken."""
    found: list[Station] = []

    def take(node: Node) -> None:
        try:
            station = Station.at(node)
        except LostError as error:
            raise InputError(Fault(f"node {node.name}: {error}")) from error
        stack.callback(station.leave)
        found.append(station)

    gathered([lambda node=node: take(node) for node in nodes])  # type: ignore[misc]
    return found


def words_of(stations: list[Station], deadline: float | None = None) -> Iterator[tuple[Station, object]]:
    """What stations say, as they say it, for as long as there are some in the list, which the caller shortens; the last
    word of one that is lost is a LostError. Ends at the `deadline`, of `time.monotonic`."""
    import ray

    while stations and (deadline is None or time.monotonic() < deadline):
        listening = {station.listen(): station for station in stations}
        done, _ = ray.wait(list(listening), num_returns=1, timeout=_LOOK_SECONDS)
        for ref in done:
            station = listening[ref]
            try:
                words, ended = station.heard()
            except LostError as error:
                words, ended = [error], None
            if ended is not None:
                words.append(LostError(f"its process there ended, {ended}"))
            for word in words:
                if station in stations:
                    yield station, word


def _why(error: Exception) -> str:
    """The reason, of the many words that Ray has."""
    said = " ".join(str(error).split())
    found = re.search(r"actor (?:is dead|died) because ([^.]+)", said)
    return found[1] if found else said[:200] or type(error).__name__


def _taken(node: Node, wanted: dict[str, float]) -> Fault:
    import ray

    free: dict[str, float] = {}
    with suppress(AttributeError):  # a newer Ray may have it elsewhere
        free = ray._private.state.available_resources_per_node().get(node.id, {})
    words = {"CPU": "processors", "GPU": "GPUs"}
    held = [f"{free.get(name, 0):g} of {whole:g} {words[name]}" for name, whole in wanted.items() if name in words]
    what = f"node {node.name} is taken: {' and '.join(held)} are free" if held else f"node {node.name} is taken"
    return Fault(what, "cells want a node to themselves: wait for what runs there, or name another with --on")
