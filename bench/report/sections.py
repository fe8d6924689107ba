"""What a report holds, in its order: tables, each with the figure that belongs to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bench.analyse.handout import handout
from bench.host.profile import HostProfile
from bench.report.curve_figure import draw_curve
from bench.report.epoch_table import epoch_table
from bench.report.handout_table import handout_tables
from bench.report.speedup_figure import draw_speedups
from bench.report.suite_table import suite_table
from bench.report.table import Table
from bench.results.query import by_suite, latest
from bench.results.record import Record

__all__ = ["Drawing", "Section", "sections"]


@dataclass(frozen=True)
class Drawing:
    """A figure that can be drawn: where, relative to the results' folder, and how (False: there is nothing to draw)."""

    place: PurePosixPath
    draw: Callable[[Path], bool]


@dataclass(frozen=True)
class Section:
    """A table, the level of its heading, and its figure if it has one."""

    table: Table
    level: int
    drawing: Drawing | None = None


def sections(records: Sequence[Record], profiles: Sequence[HostProfile]) -> tuple[Section, ...]:
    """The handout's tables, then each suite on each host with the curves of its cells; of the newest records."""
    newest = latest(records)
    labels = {profile.id: profile.label for profile in profiles}
    found = [
        Section(table, level)
        for table, level in zip(handout_tables(handout(profiles, newest), profiles), (2, 3), strict=False)
    ]
    for (host, suite), group in by_suite(newest).items():
        label = labels.get(host, host)
        place = PurePosixPath("figures", _plain(host), f"{_plain(suite)}-speedup.png")
        found.append(Section(suite_table(group, label), 2, Drawing(place, _speedups(group, label))))
        found += [_curve(record, label) for record in group if record.history]
    return tuple(found)


def _speedups(group: Sequence[Record], host: str) -> Callable[[Path], bool]:
    return lambda path: draw_speedups(group, host, path)


def _curve(record: Record, host: str) -> Section:
    name = f"{record.model}/{record.variant}/b{record.batch_size}" + (f"/s{record.seed}" if record.seed else "")
    place = PurePosixPath("figures", _plain(record.host), _plain(record.suite), f"{_plain(name)}.png")
    return Section(epoch_table(record), 3, Drawing(place, lambda path: draw_curve(record, host, path)))


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip(".") or "unnamed"
