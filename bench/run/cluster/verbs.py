"""The driver of a verb on nodes: each runs it as its own command line, and what it keeps is kept here."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bench.host.profile import HostProfile
from bench.host.registry import as_it_is_now, recognise, remember
from bench.results.ai_benchmark import AiLine, ai_benchmark_path
from bench.results.journal import Journal, pairs_path, results_of
from bench.results.owner import owner
from bench.results.pair import Pair
from bench.run.cluster.alike import check_clocks, tell_of_shared_machines
from bench.run.cluster.archive import pack
from bench.run.cluster.code import packed_code
from bench.run.cluster.connection import connected
from bench.run.cluster.kept import keep_file
from bench.run.cluster.naming import check_host, hosts_of
from bench.run.cluster.nodes import Node, chosen, meeting, seen_nodes
from bench.run.cluster.station import LostError, Station, reserved, words_of
from bench.run.cluster.words import Answered, Errand, Kept, Line, Refused
from bench.suite.cells import Cell, Suite

__all__ = ["NodeAnswer", "OfSuite", "VerbObserver", "VerbRequest", "ask_nodes", "run_verb"]

_PARTING_SECONDS = 60.0
"""So long nodes may take to end their verb on Ctrl-C."""


@dataclass(frozen=True)
class OfSuite:
    """The suite that a verb is about: its file, and the cells of it."""

    file: Path
    suite: Suite
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class VerbRequest:
    """What is to be run on which nodes: `arguments` are the verb and its own, without the working tree `root` and the
    suite's file.

    `address` and `on` are as `bench.run.cluster.driver.ClusterRequest` has them; `host` is what the one node is to be
    called. A verb that `keeps` nothing needs no host.
    """

    root: Path
    arguments: tuple[str, ...]
    address: str | None = None
    on: str | None = None
    host: str | None = None
    of: OfSuite | None = None
    keeps: bool = True


@dataclass(frozen=True)
class NodeAnswer:
    """What the verb came to on a node: its exit status and what it printed; without a status the node was lost, or
    couldn't begin, for the reason `why`."""

    node: Node
    status: int | None
    text: str = ""
    why: str | None = None


class VerbObserver(Protocol):
    """Who is told how it goes."""

    def notice(self, text: str) -> None: ...
    def node_says(self, node: str, line: str) -> None: ...


def ask_nodes(address: str | None, on: str | None) -> tuple[Node, ...]:
    """The nodes of a cluster that `on` names, as they say what they are, fit to measure or not. Raises InputError."""
    with connected(address):
        return tuple(meeting(seen_nodes(), on))


def run_verb(wanted: VerbRequest, observer: VerbObserver) -> tuple[NodeAnswer, ...]:
    """What the verb gave on each of the nodes, which run it at the same time.

    Ctrl-C ends it on all of them, and what they have kept by then is kept. Raises InputError, with nothing run, where a
    node can't be had, and `JournalError` where what was measured can't be kept.
    """
    of = wanted.of
    code = packed_code(of.suite, of.cells) if of is not None else pack({})
    suite = (of.file.name, of.file.read_bytes()) if of is not None else None
    with connected(wanted.address):
        nodes = chosen(seen_nodes(), wanted.on)
        check_clocks(nodes, observer.notice)
        tell_of_shared_machines(nodes, observer.notice)
        hosts: Sequence[HostProfile | None] = [None] * len(nodes)
        if wanted.keeps:
            check_host(wanted.host, nodes)
            machines = [node.hardware for node in nodes if node.hardware is not None]
            hosts = hosts_of(wanted.root, machines, wanted.host, observer.notice)
        team = owner(wanted.root)
        with ExitStack() as stack:
            parts = []
            for station, host in zip(reserved(nodes, stack), hosts, strict=True):
                part = _Part(station, wanted.root, team, host, observer)
                station.send(Errand(part.arguments(wanted.arguments), host, team, code, suite, part.ai_lines))
                parts.append(part)
            return _answers(parts, observer)


@dataclass
class _Part:
    """A node at work on the verb, and what has come of it."""

    station: Station
    root: Path
    team: str | None
    host: HostProfile | None
    observer: VerbObserver
    answer: NodeAnswer | None = None
    ai_lines: tuple[AiLine, ...] = field(init=False)
    """Those that there were before."""

    def __post_init__(self) -> None:
        path = ai_benchmark_path(self.root, self.host.id) if self.host is not None else None
        self.ai_lines = tuple(Journal(path, AiLine).read().records) if path is not None else ()

    def arguments(self, given: tuple[str, ...]) -> tuple[str, ...]:
        """What the node's command line is, its host's id with it."""
        return given if self.host is None else (*given, "--host", self.host.id)

    def hear(self, word: object) -> None:
        """One word of the node. Raises JournalError."""
        node = self.station.node
        if isinstance(word, Line):
            self.observer.node_says(node.name, word.text)
        elif isinstance(word, Kept) and self.host is not None:
            for path, content in word.files.items():
                keep_file(self.root, results_of(self.root, self.host.id, self.team), path, content, more=word.more)
        elif isinstance(word, Answered):
            self._keep(word)
            self.answer = NodeAnswer(node, word.status, word.text)
        elif isinstance(word, Refused):
            self.answer = NodeAnswer(node, None, why="; ".join(map(str, word.faults)))
        elif isinstance(word, LostError):
            self.answer = NodeAnswer(node, None, why=f"the node was lost: {word}")

    def _keep(self, answered: Answered) -> None:
        sent, found = self.host, answered.host
        if sent is None or found is None:
            return
        host = self._is_now(sent, found)
        for pair in answered.pairs:
            path = pairs_path(self.root, host.id, pair.suite, self.team)
            self._tell(Journal(path, Pair).append(pair.model_copy(update={"host": host.id})))
        for line in answered.ai_lines:
            path = ai_benchmark_path(self.root, host.id)
            self._tell(Journal(path, AiLine).append(line.model_copy(update={"host": host.id})))
        if found != sent or answered.pairs or answered.ai_lines:
            remember(self.root, host)

    def _is_now(self, sent: HostProfile, found: HostProfile) -> HostProfile:
        """The profile as the node has it, with what others wrote into it meanwhile."""
        if found.id == sent.id:
            return _with_what_is_new(as_it_is_now(self.root, sent), sent, found)
        assert found.hardware is not None  # the node has just filed it
        here = recognise(self.root, found.hardware).profile
        self.observer.notice(f"what {self.station.node.name} measured is of {here.id}: see its notes on TensorFlow")
        return found.model_copy(update={"id": here.id})

    def _tell(self, notices: Sequence[str]) -> None:
        for notice in notices:
            self.observer.notice(notice)


def _with_what_is_new(now: HostProfile, before: HostProfile, after: HostProfile) -> HostProfile:
    """The profile as it is `now`, with what the node changed in it: others may have written to it meanwhile."""
    names = type(now).model_fields
    return now.model_copy(
        update={name: getattr(after, name) for name in names if getattr(after, name) != getattr(before, name)}
    )


def _answers(parts: Sequence[_Part], observer: VerbObserver) -> tuple[NodeAnswer, ...]:
    by_node = {part.station.node.id: part for part in parts}
    busy = [part.station for part in parts]
    try:
        _listen(by_node, busy)
    except KeyboardInterrupt:
        observer.notice("interrupted: waiting for what the nodes have; once more to leave at once")
        for station in busy:
            station.interrupt()
        with suppress(KeyboardInterrupt):
            _listen(by_node, busy, time.monotonic() + _PARTING_SECONDS)
    return tuple(part.answer or NodeAnswer(part.station.node, 130, why="interrupted") for part in parts)


def _listen(parts: dict[str, _Part], busy: list[Station], deadline: float | None = None) -> None:
    for station, word in words_of(busy, deadline):
        part = parts[station.node.id]
        part.hear(word)
        if part.answer is not None:
            busy.remove(station)
            station.leave()
