"""The parts of a run on a cluster, from the moment that all nodes are ready: heard, and moved where a node is lost."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Protocol

from bench.errors import InputError, gathered
from bench.host.profile import HostProfile
from bench.host.registry import differences, recognise, recognise_all
from bench.run.cluster.alike import check_software
from bench.run.cluster.nodes import Node
from bench.run.cluster.part import Part
from bench.run.cluster.station import LostError, Station, words_of
from bench.run.cluster.words import Ended, Go, Ready, Refused, Task, Told
from bench.run.interleaved.option_pairs import OptionObserver
from bench.run.prepare import Request
from bench.run.run_suite import Observer, Summary

__all__ = ["ClusterInterrupted", "ClusterObserver", "ClusterRun", "ClusterSummary"]

_PARTING_SECONDS = 60.0
"""So long nodes may take to send what they have on Ctrl-C."""
_MOST_LOSSES = 5
"""A part that has lost so many nodes, or processes on them, isn't begun again."""


class ClusterObserver(Protocol):
    """Who is told how it goes, node by node: `node` gives who is told of the one of this name."""

    def notice(self, text: str) -> None: ...
    def node(self, name: str) -> tuple[Observer, OptionObserver]: ...


@dataclass(frozen=True)
class ClusterSummary:
    """What a run gave on each host; of `left` cells, counted on each, there is nothing."""

    hosts: tuple[Summary, ...]
    left: int

    @property
    def ended(self) -> int:
        """Cells and pairs that were measured."""
        return sum(one.ended for one in self.hosts)

    @property
    def failed(self) -> int:
        """Cells and pairs that ended neither ok nor skipped."""
        return sum(one.failed for one in self.hosts)


class ClusterInterrupted(Exception):  # noqa: N818 - not an error
    """The user ended the run: `summary` is what it gave by then, all of it kept."""

    def __init__(self, summary: ClusterSummary) -> None:
        self.summary = summary
        kept = sum(len(one.records) for one in summary.hosts)
        super().__init__(f"{kept} cells kept, {summary.left} not measured")


class ClusterRun:
    """Who listens to the stations of a run. `nodes` are all of the cluster; stations are left at the end of `stack`."""

    def __init__(
        self, request: Request, task: Task, nodes: Sequence[Node], observer: ClusterObserver, stack: ExitStack
    ) -> None:
        self._request, self._task, self._nodes, self._observer, self._stack = request, task, nodes, observer, stack
        self._parts: dict[str, Part] = {}
        self._busy: list[Station] = []
        self._losses: dict[str, int] = {}
        self._used: set[str] = set()

    def begin(self, stations: Sequence[Station], *, strict_software: bool) -> None:
        """Give each node its host, and let it begin. Raises InputError, with nothing run or written, where it can't."""
        notice = self._observer.notice
        stations = _one_of_each(stations, notice)
        ready = [_ready(station) for station in stations]
        software = {station.node.name: one.setting.software for station, one in zip(stations, ready, strict=True)}
        check_software(software, strict_software, notice)
        parts = []
        for station, one, host in zip(stations, ready, self._hosts(ready), strict=True):
            cells, pairs = self._observer.node(station.node.name)
            parts.append(Part(host, one, self._task, self._request, cells, pairs))
        gathered([part.check for part in parts])
        for station, part in zip(stations, parts, strict=True):
            self._go(station, part, part.begin())

    def follow(self) -> ClusterSummary:
        """Hear them until all are over. Raises JournalError, ClusterInterrupted."""
        try:
            self._listen()
        except KeyboardInterrupt:
            self._observer.notice("interrupted: waiting for what the nodes have; once more to leave at once")
            for station in self._busy:
                station.interrupt()
            with suppress(KeyboardInterrupt):
                self._listen(time.monotonic() + _PARTING_SECONDS)
            raise ClusterInterrupted(self._outcome()) from None
        for part in self._parts.values():
            if part.left and part.why is not None:
                left = ", ".join(part.left)
                self._observer.notice(f"{part.host.id}: {part.why}; not measured: {left}; --resume goes on")
        return self._outcome()

    def _outcome(self) -> ClusterSummary:
        parts = self._parts.values()
        return ClusterSummary(tuple(part.summary for part in parts), sum(len(part.left) for part in parts))

    def _hosts(self, ready: Sequence[Ready]) -> list[HostProfile]:
        """What the machines are called here; unlike ones of one plain name get ids of their own."""
        root, wanted = self._request.root, self._request.host
        machines = [one.setting.hardware for one in ready]
        alone = gathered([lambda hardware=hardware: recognise(root, hardware, wanted) for hardware in machines])  # type: ignore[misc]
        found = alone if len(machines) == 1 else recognise_all(root, machines)
        for one in found:
            if one.replaced:
                self._observer.notice(one.replaced)
        return [one.profile for one in found]

    def _go(self, station: Station, part: Part, go: Go) -> None:
        self._parts[part.host.id] = part
        station.host = part.host.id
        self._used.add(station.node.id)
        self._busy.append(station)
        try:
            station.send(go)
        except LostError as error:
            self._lost(station, error)

    def _listen(self, deadline: float | None = None) -> None:
        for station, word in words_of(self._busy, deadline):
            part = self._parts[station.host]
            if isinstance(word, Ended) and word.interrupted and deadline is None:  # and not by us
                word = LostError("its raylet or worker ended")
            if isinstance(word, LostError):
                self._lost(station, word, leaving=deadline is not None)
                continue
            part.hear(word)
            if part.over:
                self._busy.remove(station)
                station.leave()

    def _lost(self, station: Station, error: LostError, *, leaving: bool = False) -> None:
        """Go on with its part elsewhere, or record what it costs."""
        part = self._parts[station.host]
        if station in self._busy:
            self._busy.remove(station)
        station.leave()
        why = f"node {station.node.name} was lost: {error}"
        losses = self._losses[station.host] = self._losses.get(station.host, 0) + 1
        another = None
        if not leaving and losses < _MOST_LOSSES:
            self._observer.notice(why)
            another = self._another(station)
        part.lose(why, again=another is not None, out_of_memory=error.out_of_memory)
        if another is None:
            return
        self._observer.notice(f"{part.host.id} goes on at node {another.node.name}")
        part.observer, part.options = self._observer.node(another.node.name)
        task, go = part.again()
        if not task.cells:
            part.over = True
            return
        self._restart(another, part, task, go)

    def _restart(self, station: Station, part: Part, task: Task, go: Go) -> None:
        try:
            station.send(task)
        except LostError as error:
            part.lose(str(error), again=False)
            return
        waiting = [station]
        for _, word in words_of(waiting):
            if isinstance(word, Told):
                getattr(part.observer, word.name)(*word.arguments)
                continue
            waiting.remove(station)
            if isinstance(word, Ready):
                station.ready = word
                self._go(station, part, go)
            else:
                faults = "; ".join(map(str, word.faults)) if isinstance(word, Refused) else str(word)
                part.lose(f"node {station.node.name} can't go on with it: {faults}", again=False)

    def _another(self, lost: Station) -> Station | None:
        """The same node, if it lives, else another of its kind that has nothing to do here, reserved; None: there is
        none."""
        import ray

        try:
            alive = {about["NodeID"] for about in ray.nodes() if about["Alive"]}
        except ray.exceptions.RayError:  # the cluster has gone
            return None
        kind = [node for node in self._nodes if node.kind == lost.node.kind and node.unfit is None and node.id in alive]
        for node in sorted(kind, key=lambda node: node.id != lost.node.id):
            if node.id != lost.node.id and node.id in self._used:
                continue
            try:
                station = Station.at(node)
            except (InputError, LostError):
                continue
            self._stack.callback(station.leave)
            return station
        return None


def _ready(station: Station) -> Ready:
    assert station.ready is not None
    return station.ready


def _one_of_each(stations: Sequence[Station], notice: Callable[[str], None]) -> list[Station]:
    """Without those that are the same machine as another, now that TensorFlow has said what it computes on."""
    found: list[Station] = []
    for station in stations:
        hardware = _ready(station).setting.hardware
        twin = next((one for one in found if not differences(_ready(one).setting.hardware, hardware)), None)
        if twin is None:
            found.append(station)
        else:
            notice(f"node {station.node.name} is left out: it is the same kind of machine as node {twin.node.name}")
            station.leave()
    return found
