"""The teams of a tree, each by itself: the records of all of a large class would not fit into memory."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import TypeVar

from bench.results.query import latest, read_files, results_files
from bench.results.record import Record
from bench.results.team import team_of_file
from bench.support.gc_paused import gc_paused
from bench.support.side_by_side import side_by_side

__all__ = ["each_team"]

T = TypeVar("T")


def each_team(
    root: Path,
    made_of: Callable[[str, tuple[Record, ...]], T],
    notice: Callable[[str], object],
    hosts: Collection[str] | None = None,
) -> Iterator[T]:
    """What is `made_of` each team, by its name: of the newest record of each of its cells, joined; of some hosts'
    folders where given. Teams are read side by side, by as many processes as there are processors.

    Files of no team, the staff's own, are left out. `notice` is told of what can't be read.
    """
    files: dict[str, list[Path]] = {}
    for path in results_files(root, hosts):
        if (team := team_of_file(path)) is not None:
            files.setdefault(team, []).append(path)

    def of_team(team: str) -> tuple[T, tuple[str, ...]]:
        with gc_paused():
            read = read_files(files[team], Record)
            return made_of(team, latest(read.records)), tuple(read.notices)

    for made, notices in side_by_side(of_team, sorted(files)):
        for text in notices:
            notice(text)
        yield made
