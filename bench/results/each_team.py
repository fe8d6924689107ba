"""The teams of a tree, one after another: the records of all of a large class would not fit into memory."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from bench.results.query import latest, read_files, results_files
from bench.results.record import Record
from bench.results.team import team_of_file

__all__ = ["each_team"]


def each_team(
    root: Path, notice: Callable[[str], object], hosts: Collection[str] | None = None
) -> Iterator[tuple[str, tuple[Record, ...]]]:
    """Each team by its name with the newest record of each of its cells, joined; of some hosts' folders where given.

    Files of no team, the staff's own, are left out. `notice` is told of what can't be read.
    """
    files: dict[str, list[Path]] = {}
    for path in results_files(root, hosts):
        if (team := team_of_file(path)) is not None:
            files.setdefault(team, []).append(path)
    for team in sorted(files):
        read = read_files(files[team], Record)
        for text in read.notices:
            notice(text)
        yield team, latest(read.records)
