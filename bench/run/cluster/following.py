"""The parts of a run on a cluster, from the moment that all nodes are ready: heard, and moved where a node is lost."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from typing import Protocol

from bench.errors import gathered
from bench.run.cluster.alike import check_software
from bench.run.cluster.naming import hosts_of
from bench.run.cluster.nodes import Node
from bench.run.cluster.part import Part
from bench.run.cluster.sharing import alike, shared_out
from bench.run.cluster.stand_in import stand_in
from bench.run.cluster.station import LostError, Station, words_of
from bench.run.cluster.words import Ended, Ready, Task
from bench.run.interleaved.option_pairs import OptionObserver
from bench.run.prepare import Request
from bench.run.run_suite import Observer, RunInterrupted, Summary

__all__ = ["ClusterInterrupted", "ClusterObserver", "ClusterRun", "ClusterSummary"]

_PARTING_SECONDS = 60.0
"""So long nodes may take to send what they have on Ctrl-C."""
_MOST_LOSSES = 3
"""A part that has lost so many nodes, or processes on them, isn't begun again."""


class ClusterObserver(Protocol):
    """Who is told how it goes, node by node: `node` gives who is told of the one of this name, whose work is over
    where it `left`; where it was lost, what is left of it may have `moved` to another."""

    def notice(self, text: str) -> None: ...
    def node(self, name: str) -> tuple[Observer, OptionObserver]: ...
    def left(self, name: str) -> None: ...
    def moved(self, name: str, to: str) -> None: ...


@dataclass(frozen=True)
class ClusterSummary:
    """What a run gave on each host. Of `left` cells, counted on each, there is nothing whole; `broken`: a part was
    given up before its end."""

    hosts: tuple[Summary, ...]
    left: int
    broken: bool

    @property
    def ended(self) -> int:
        """Cells and pairs that were measured."""
        return sum(one.ended for one in self.hosts)

    @property
    def failed(self) -> int:
        """Cells and pairs that ended neither ok nor skipped."""
        return sum(one.failed for one in self.hosts)


class ClusterInterrupted(RunInterrupted):
    """The user ended the run: `summary` is what it gave by then, all of it kept."""

    def __init__(self, summary: ClusterSummary) -> None:
        self.summary = summary
        kept = sum(len(one.records) for one in summary.hosts)
        super().__init__(f"{kept} cell{'' if kept == 1 else 's'} kept, {summary.left} not measured")


class ClusterRun:
    """Who listens to the stations of a run. `nodes` may stand in for lost ones; stations are left at the end of
    `stack`."""

    def __init__(
        self, request: Request, task: Task, nodes: Sequence[Node], observer: ClusterObserver, stack: ExitStack
    ) -> None:
        self._request, self._task, self._nodes, self._observer, self._stack = request, task, nodes, observer, stack
        self._parts: list[Part] = []
        self._at_work: dict[str, tuple[Station, Part]] = {}
        """By the node's id."""
        self._busy: list[Station] = []
        self._orphans: list[tuple[Part, Node, str]] = []
        """Parts whose node was lost, which it was, and how: they wait for one like it."""

    def begin(self, stations: Sequence[Station], *, strict_software: bool) -> None:
        """Give each node its host and its cells, and let it begin.

        Raises InputError, with nothing run or written, where it can't be.
        """
        notice = self._observer.notice
        software = {station.node.name: _ready(station).setting.software for station in stations}
        check_software(software, strict_software, notice)
        groups = alike(stations, lambda station: _ready(station).setting.hardware)
        machines = [_ready(group[0]).setting.hardware for group in groups]
        hosts = hosts_of(self._request.root, machines, self._request.host, notice)
        begun: list[tuple[Station, Part]] = []
        for group, host in zip(groups, hosts, strict=True):
            shares = shared_out(self._task.cells, len(group))
            for station, cells in zip(group, shares, strict=False):
                task = replace(self._task, cells=cells)
                observers = self._observer.node(station.node.name)
                begun.append((station, Part(host, _ready(station), task, self._request, *observers)))
            for station in group[len(shares) :]:
                notice(f"node {station.node.name} is left out: {len(shares)} of its kind have all networks")
                station.leave()
        gathered([part.check for _, part in begun])
        for station, part in begun:
            self._parts.append(part)
            self._busy.append(station)
            self._at_work[station.node.id] = station, part
            part.go = part.begin()
            station.send(part.go)

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
        for part in self._parts:
            if part.why is not None:
                left = f"; not measured: {', '.join(part.left)}" if part.left else ""
                self._observer.notice(f"{part.host.id}: {part.why}{left}; --resume goes on")
        return self._outcome()

    def _outcome(self) -> ClusterSummary:
        by_host: dict[str, list[Summary]] = {}
        for part in self._parts:
            by_host.setdefault(part.host.id, []).append(part.summary)
        left = sum(len(part.left) for part in self._parts)
        broken = any(part.why is not None for part in self._parts)
        return ClusterSummary(tuple(map(_joined, by_host.values())), left, broken)

    def _listen(self, deadline: float | None = None) -> None:
        for station, word in words_of(self._busy, deadline):
            _, part = self._at_work[station.node.id]
            if isinstance(word, Ended) and word.interrupted and deadline is None:  # and not by us
                word = LostError("its raylet or worker ended")
            if isinstance(word, LostError):
                self._lost(station, part, word, leaving=deadline is not None)
            elif isinstance(word, Ready):  # it goes on where another was lost
                station.ready = word
                station.send(part.go)
            else:
                part.hear(word)
                if part.over:
                    self._left(station)
                    self._take_up(station.node)

    def _left(self, station: Station) -> None:
        if station in self._busy:
            self._busy.remove(station)
            self._observer.left(station.node.name)
        station.leave()

    def _lost(self, station: Station, part: Part, error: LostError, *, leaving: bool = False) -> None:
        """Go on with the part elsewhere, at once or once a node of the kind is free, or record what it costs."""
        self._left(station)
        why = f"node {station.node.name} was lost: {error}"
        self._observer.notice(why)
        part.lose(why, out_of_memory=error.out_of_memory)
        if leaving or part.losses >= _MOST_LOSSES:
            part.give_up(why)
        elif not self._go_on(part, station.node):
            if any(one.node.kind == station.node.kind for one in self._busy):
                self._orphans.append((part, station.node, why))
            else:
                part.give_up(why)
        self._give_up(station.node)

    def _take_up(self, free: Node) -> None:
        """A node has ended its part: one that was lost may be waiting for it."""
        for orphan in list(self._orphans):
            part, lost, _ = orphan
            if lost.kind == free.kind and self._go_on(part, lost):
                self._orphans.remove(orphan)
                return
        self._give_up(free)

    def _give_up(self, like: Node) -> None:
        """Parts that wait for a node of a kind of which none is at work any more wait for nothing."""
        if any(one.node.kind == like.kind for one in self._busy):
            return
        for orphan in [one for one in self._orphans if one[1].kind == like.kind]:
            part, _, why = orphan
            self._orphans.remove(orphan)
            part.give_up(why)

    def _go_on(self, part: Part, lost: Node) -> bool:
        """Begin it again where it can be now."""
        task, part.go = part.again()
        if not task.cells:
            part.over = True
            return True
        another = stand_in(lost, self._nodes, {one.node.id for one in self._busy}, self._stack)
        if another is None:
            return False
        self._observer.moved(lost.name, another.node.name)
        part.observer, part.options = self._observer.node(another.node.name)
        self._at_work[another.node.id] = another, part
        self._busy.append(another)
        another.send(task)
        return True


def _ready(station: Station) -> Ready:
    assert station.ready is not None
    return station.ready


def _joined(summaries: Sequence[Summary]) -> Summary:
    """Of nodes that are one host: their cells are none of each other's."""
    records = tuple(record for one in summaries for record in one.records)
    return Summary(records, summaries[0].host, tuple(pair for one in summaries for pair in one.pairs))
