"""The nodes of a cluster, and which of them a run takes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from bench.errors import Fault, InputError, nearest
from bench.host.hardware import Hardware
from bench.host.names import card, host_id, host_label, slug
from bench.run.cluster import look as look_module
from bench.run.cluster.version import source_digest

__all__ = ["Node", "chosen", "meeting", "seen_nodes"]

_LOOK_SECONDS = 60.0
"""A node that starts no worker in this time is none to measure on."""
_ACCELERATOR = "ray.io/accelerator-type"


@dataclass(frozen=True)
class Node:
    """A node that is alive, and what it said of itself; `unfit` says why nothing can be measured there.

    `clock_offset` are the seconds that its clock is ahead of ours; `doubt` is half of what asking took.
    """

    id: str
    name: str
    address: str
    resources: Mapping[str, float]
    labels: Mapping[str, str]
    hardware: Hardware | None
    software: Mapping[str, str]
    unfit: str | None
    clock_offset: float = 0.0
    doubt: float = 0.0

    @property
    def kind(self) -> str:
        """What nodes of one kind have in common: their host's id, if they aren't told from others of it."""
        return host_id(self.hardware) if self.hardware is not None else ""

    @property
    def device(self) -> str:
        """What computes there, in words."""
        return host_label(self.hardware) if self.hardware is not None else "unknown"

    @property
    def own_labels(self) -> Mapping[str, str]:
        """The labels that it was given, without Ray's."""
        return {name: value for name, value in self.labels.items() if not name.startswith("ray.io/")}


def seen_nodes() -> tuple[Node, ...]:
    """All nodes of the cluster that this program is connected to, each asked in a worker of its own."""
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    ray.cloudpickle.register_pickle_by_value(look_module)  # a node without bench can say so
    try:
        look = ray.remote(num_cpus=0, max_retries=1)(look_module.look)
        asked = []
        for about in ray.nodes():
            if about["Alive"]:
                where = NodeAffinitySchedulingStrategy(about["NodeID"], soft=False)
                asked.append((about, time.time(), look.options(scheduling_strategy=where).remote()))
        answers = {}
        waiting = {ref: (about, began) for about, began, ref in asked}
        deadline = time.monotonic() + _LOOK_SECONDS
        while waiting and (left := deadline - time.monotonic()) > 0:
            done, _ = ray.wait(list(waiting), num_returns=1, timeout=left)
            for ref in done:
                about, began = waiting.pop(ref)
                answers[about["NodeID"]] = _answer(ref, began)
    finally:
        ray.cloudpickle.unregister_pickle_by_value(look_module)
    silent: dict[str, Any] = {"unfit": f"it started no worker in {_LOOK_SECONDS:g} s"}
    return _named([_node(about, answers.get(about["NodeID"], silent)) for about, _, _ in asked])


def chosen(nodes: Sequence[Node], on: str | None, most: int = 1) -> tuple[Node, ...]:
    """The nodes that `--on` names: at most `most` of each kind that meets it and is fit. None: of all kinds.

    `all` leaves out nodes without a card where others have one. Raises InputError, with what there is, where none
    meets it, and where none of a kind is fit.
    """
    matching = meeting(nodes, on)
    if on in (None, "all") and any(_has_card(node) for node in matching):
        matching = [node for node in matching if _has_card(node)]
    kinds: dict[str, list[Node]] = {}
    unfit: list[Node] = []
    for node in matching:
        if node.unfit is None:
            kinds.setdefault(node.kind, []).append(node)
        else:
            unfit.append(node)
    left = [node for node in unfit if node.hardware is None or node.kind not in kinds]
    if left:
        hint = "install it there, or name the other nodes with --on"
        raise InputError(*(Fault(f"node {node.name}: {node.unfit}", hint) for node in left))
    return tuple(node for kind in kinds.values() for node in kind[:most])


def meeting(nodes: Sequence[Node], on: str | None) -> list[Node]:
    """The nodes that `--on` names, fit or not. Raises InputError, with what there is, where none meets it."""
    matching = [node for node in nodes if _meets(node, on)] if on not in (None, "all") else list(nodes)
    if not matching:
        there = sorted({f"{node.name} ({node.device})" for node in nodes})
        hint = _nearest_way(str(on), nodes) or f"there is {', '.join(there)}"
        raise InputError(Fault(f"--on {on}: no node of the cluster is that", hint))
    return matching


def _answer(ref: object, began: float) -> dict[str, Any]:
    import ray

    try:
        found: dict[str, Any] = ray.get(ref)
    except ray.exceptions.RayError as error:
        said = str(error).strip().splitlines()
        return {"unfit": f"it can't run Python as here ({said[-1] if said else type(error).__name__})"}
    half = (time.time() - began) / 2
    return found | {"offset": found["clock"] - (began + half), "doubt": half}


def _node(about: Mapping[str, Any], said: Mapping[str, Any]) -> Node:
    unfit, hardware = said.get("unfit"), None
    if unfit is None and said["bench"] != source_digest():
        unfit = "another version of bench is installed there"
    if "hardware" in said:
        try:
            hardware = Hardware(**said["hardware"])
        except ValidationError:
            unfit = unfit or "another version of bench is installed there"
    return Node(
        id=about["NodeID"],
        name=_name(about, said),
        address=about["NodeManagerAddress"],
        resources=dict(about["Resources"]),
        labels=dict(about.get("Labels") or {}),
        hardware=hardware,
        software=said.get("software", {}),
        unfit=unfit,
        clock_offset=said.get("offset", 0.0),
        doubt=said.get("doubt", 0.0),
    )


def _name(about: Mapping[str, Any], said: Mapping[str, Any]) -> str:
    """The name that `ray start --node-name` gave it, else its machine's."""
    given = about.get("NodeName")
    if given and given != about["NodeManagerAddress"]:
        return str(given)
    return str(said.get("hostname") or about["NodeManagerHostname"])


def _named(nodes: Iterable[Node]) -> tuple[Node, ...]:
    """The nodes, those of one name (several on one machine) told apart by what follows it."""
    from dataclasses import replace

    found = sorted(nodes, key=lambda node: (node.name, node.id))
    names = [node.name for node in found]
    return tuple(
        replace(node, name=f"{node.name}-{names[:place].count(node.name) + 1}") if names.count(node.name) > 1 else node
        for place, node in enumerate(found)
    )


def _has_card(node: Node) -> bool:
    return node.hardware is not None and node.hardware.kind == "gpu"


def _meets(node: Node, on: str | None) -> bool:
    if "=" not in str(on):
        return str(on).casefold() in {node.name.casefold(), node.address, node.kind, node.id}
    return all(_has(node, *one.partition("=")[::2]) for one in str(on).split(","))


def _has(node: Node, name: str, value: str) -> bool:
    if name.strip() != "gpu":
        return node.labels.get(name.strip()) == value.strip()
    cards = {slug(node.labels.get(_ACCELERATOR, ""))}
    if node.hardware is not None and node.hardware.gpu_name is not None:
        cards |= {slug(card(node.hardware.gpu_name)), slug(node.hardware.gpu_name)}
    return slug(value) in cards - {""}


def _nearest_way(on: str, nodes: Sequence[Node]) -> str | None:
    """What `on` may be meant as."""
    name, equals, _ = on.partition("=")
    if name == "gpu":
        cards = sorted({card(node.hardware.gpu_name) for node in nodes if node.hardware and node.hardware.gpu_name})
        return f"there is gpu={', gpu='.join(cards)}" if cards else "no node has an NVIDIA GPU"
    if equals:
        labels = sorted(
            {f"{key}={value}" for node in nodes for key, value in node.labels.items() if key != "ray.io/node-id"}
        )
        return nearest(on, labels) if labels else "no node has a label of its own: `ray start --labels=…` gives one"
    return None
