"""The driver of a run on a cluster: it has nodes run their parts, and alone keeps the records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from bench.errors import Fault, InputError
from bench.run.cluster.alike import check_clocks, tell_of_shared_machines
from bench.run.cluster.code import packed_code
from bench.run.cluster.connection import connected
from bench.run.cluster.following import ClusterInterrupted, ClusterObserver, ClusterRun, ClusterSummary
from bench.run.cluster.naming import check_host, hosts_of
from bench.run.cluster.nodes import Node, chosen, meeting, seen_nodes
from bench.run.cluster.sharing import alike, shared_out
from bench.run.cluster.stand_in import stand_in
from bench.run.cluster.station import Station, reserved, words_of
from bench.run.cluster.words import Previewed, Ready, Refused, Task, Told
from bench.run.prepare import Preview, Request

__all__ = [
    "ClusterInterrupted",
    "ClusterObserver",
    "ClusterRequest",
    "ClusterSummary",
    "preview_on_cluster",
    "run_on_cluster",
]


@dataclass(frozen=True)
class ClusterRequest:
    """What is to be run on which nodes.

    `address` is a cluster's (None: one of its own, on this machine), `on` what `bench.run.cluster.nodes.chosen` takes,
    and `nodes` how many of each kind share the networks at most; `strict_software`: refuse nodes whose versions differ.
    """

    request: Request
    address: str | None = None
    on: str | None = None
    nodes: int = 1
    strict_software: bool = False


def run_on_cluster(wanted: ClusterRequest, observer: ClusterObserver) -> ClusterSummary:
    """Measure the cells of the request on each node that is chosen.

    Raises InputError before anything is run or written where a node can't run what it is to run; `JournalError` where
    a record can't be kept; `ClusterInterrupted` on Ctrl-C.
    """
    request, task = wanted.request, _task(wanted.request)
    with connected(wanted.address):
        nodes, taken = _taken(wanted, observer.notice)
        with ExitStack() as stack:
            stations = reserved(taken, stack)
            stations = _ready_ones(stations, task, nodes, observer, stack)
            run = ClusterRun(request, task, nodes, observer, stack)
            run.begin(stations, strict_software=wanted.strict_software)
            return run.follow()


def preview_on_cluster(wanted: ClusterRequest, notice: Callable[[str], None]) -> list[tuple[str, Preview]]:
    """What `run_on_cluster` would measure: by the names of nodes that would, with nothing run or written.

    Raises InputError where a node can't run what it would be to run.
    """
    request, task = wanted.request, replace(_task(wanted.request), preview=True)
    with connected(wanted.address):
        _, taken = _taken(wanted, notice)
        found = _previews(taken, task)
        groups = alike(taken, lambda node: found[node.id].hardware)
        hosts = hosts_of(request.root, [found[one[0].id].hardware for one in groups], request.host, notice)
    return [
        (node.name, found[node.id].of(cells, host))
        for nodes, host in zip(groups, hosts, strict=True)
        for node, cells in zip(nodes, shared_out(request.cells, len(nodes)), strict=False)
    ]


def _task(request: Request) -> Task:
    return Task(
        suite=request.suite,
        cells=tuple(request.cells),
        code=packed_code(request.suite, tuple(request.cells)),
        data_dir=str(request.data_dir) if request.data_dir is not None else None,
        strict_data=request.strict_data,
        until=request.until,
        precision=request.precision,
        options=request.suite.attribute,
    )


def _taken(wanted: ClusterRequest, notice: Callable[[str], None]) -> tuple[list[Node], tuple[Node, ...]]:
    """The nodes that are meant, and those of them that are to measure; the others may stand in for lost ones."""
    nodes = meeting(seen_nodes(), wanted.on)
    taken = chosen(nodes, wanted.on, wanted.nodes)
    check_host(wanted.request.host, taken)
    check_clocks(taken, notice)
    tell_of_shared_machines(taken, notice)
    return nodes, taken


def _previews(nodes: Sequence[Node], task: Task) -> dict[str, Preview]:
    """What each node says, by its id. Raises InputError with what is wrong at any."""
    faults: dict[Fault, None] = {}
    found: dict[str, Preview] = {}
    with ExitStack() as stack:
        waiting = reserved(nodes, stack)
        for station in waiting:
            station.send(task)
        for station, word in words_of(waiting):
            waiting.remove(station)
            node = station.node
            if isinstance(word, Previewed):
                found[node.id] = word.found
            elif isinstance(word, Refused):
                faults |= dict.fromkeys(_at(node, fault, len(nodes)) for fault in word.faults)
            else:
                faults[Fault(f"node {node.name} gave no answer: {word}")] = None
    if faults:
        raise InputError(*faults)
    return found


def _ready_ones(
    stations: Sequence[Station], task: Task, nodes: Sequence[Node], observer: ClusterObserver, stack: ExitStack
) -> list[Station]:
    """The stations once all could begin; where one is lost before, another in its place, once.

    Raises InputError with what is wrong at any.
    """
    faults: dict[Fault, None] = {}
    ready: list[Station] = []
    waiting = list(stations)
    tries = len(stations)
    for station in stations:
        station.send(task)
    for station, word in words_of(waiting):
        if isinstance(word, Told):
            getattr(observer.node(station.node.name)[0], word.name)(*word.arguments)
            continue
        waiting.remove(station)
        if isinstance(word, Ready):
            station.ready = word
            ready.append(station)
        elif isinstance(word, Refused):
            faults |= dict.fromkeys(_at(station.node, fault, len(stations)) for fault in word.faults)
        else:
            station.leave()
            busy = {one.node.id for one in (*ready, *waiting)}
            another = stand_in(station.node, nodes, busy, stack) if tries else None
            tries -= 1
            if another is None:
                faults[Fault(f"node {station.node.name} didn't get ready: {word}")] = None
            else:
                observer.notice(f"node {station.node.name} was lost: {word}; node {another.node.name} takes its place")
                another.send(task)
                waiting.append(another)
    if faults:
        raise InputError(*faults)
    return ready


def _at(node: Node, fault: Fault, nodes: int) -> Fault:
    return fault if nodes == 1 and fault.file is not None else replace(fault, what=f"node {node.name}: {fault.what}")
