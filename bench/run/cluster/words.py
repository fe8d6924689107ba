"""What the driver and the processes on nodes say to each other, pickled: versions of bench on both sides are one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bench.errors import Fault
from bench.host.profile import HostProfile
from bench.results.ai_benchmark import AiLine
from bench.results.pair import Pair
from bench.results.record import Record
from bench.run.cluster.archive import Archive
from bench.run.compose import RunContext
from bench.run.plan import Planned
from bench.run.prepare import Preview
from bench.suite.cells import Cell, Suite

__all__ = ["Answered", "Ended", "Errand", "Go", "Kept", "Line", "Previewed", "Ready", "Refused", "Task", "Told"]


@dataclass(frozen=True)
class Task:
    """What a node is to run. `suite.folder` is the driver's: on the node it is what `code` holds of it."""

    suite: Suite
    cells: tuple[Cell, ...]
    code: Archive
    data_dir: str | None
    strict_data: bool
    until: float | None
    precision: float | None
    options: bool
    """Are options to be measured on against off, where the suite wants that?"""
    preview: bool = False
    """Is the node only to say what it would measure?"""


@dataclass(frozen=True)
class Ready:
    """A node could begin: what its cells mean there, and in what setting."""

    setting: RunContext
    planned: tuple[Planned, ...]


@dataclass(frozen=True)
class Previewed:
    """What a node would measure, its host being as yet unknown to the driver."""

    found: Preview


@dataclass(frozen=True)
class Refused:
    """A node can't run what it was given."""

    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class Go:
    """All nodes are ready: begin. `host` is what the driver calls the node's machine, `only` the cells that it is to
    measure of those that it is ready for; with `resume` cells that
    `records` have good ones of are left out, as are `pairs`. `files` are training under way, by their paths below the
    root, and `team` is whose tree the driver works in."""

    host: HostProfile
    team: str | None
    only: tuple[str, ...]
    resume: bool = False
    records: tuple[Record, ...] = ()
    pairs: tuple[Pair, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """An observer is told something: of cells, or of `pairs`."""

    name: str
    arguments: tuple[Any, ...]
    pairs: bool = False


@dataclass(frozen=True)
class Kept:
    """Files below the root that belong to records: logs, networks, weights."""

    files: Mapping[str, bytes]
    more: bool = False
    """Do these bytes go on with those of the word before?"""


@dataclass(frozen=True)
class Ended:
    """The node's part is over: all of it, or `interrupted`, or broken off for the reason `why`."""

    interrupted: bool = False
    why: str | None = None


@dataclass(frozen=True)
class Errand:
    """A verb that a node is to run as its own command line, with these `arguments`, in a tree that holds `host` and
    nothing else but the lines of AI Benchmark that may be gone on with.

    `suite`, a suite's file by its name, lies beside what `code` holds of its folder, and is the first of the verb's
    arguments.
    """

    arguments: tuple[str, ...]
    host: HostProfile | None
    team: str | None
    code: Archive
    suite: tuple[str, bytes] | None = None
    ai_lines: tuple[AiLine, ...] = ()


@dataclass(frozen=True)
class Line:
    """A line that the verb says of how it goes."""

    text: str


@dataclass(frozen=True)
class Answered:
    """The verb has ended with this exit status: `text` is what it printed, the others are what it kept."""

    status: int
    text: str
    host: HostProfile | None = None
    pairs: tuple[Pair, ...] = ()
    ai_lines: tuple[AiLine, ...] = ()
