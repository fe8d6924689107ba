"""A part of a report: a table, and the figure that belongs to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from bench.report.core.table import Table
from bench.results.query import Group
from bench.results.safe_paths import plain

__all__ = ["NAMES", "Drawing", "Section", "figures_of"]

NAMES: Final = (
    "handout",
    "published",
    "expected",
    "suite",
    "training",
    "before-after",
    "effects",
    "efficiency",
    "bottleneck",
    "scaling",
    "devices",
    "options",
    "break-even",
    "interleaved",
    "curves",
)
"""Of sections; several may have one name."""


@dataclass(frozen=True)
class Drawing:
    """A figure that can be drawn: where, relative to the results' folder, and how (False: there is nothing to draw).

    The place is a PNG's; an SVG of the same figure is drawn beside it. `inputs` tells what it is drawn from: see
    `bench.report.drawn`; None: that isn't known, and it is always drawn.
    """

    place: PurePosixPath
    draw: Callable[[Path], bool]
    inputs: Callable[[], str] | None = None


@dataclass(frozen=True)
class Section:
    """A table under its name of `NAMES`, the level of its heading, and its figure if it has one.

    `group` are the host, suite and team that it is about; what is no more than `detail` is shown in full reports alone.
    """

    name: str
    table: Table
    level: int
    drawing: Drawing | None = None
    detail: bool = False
    group: Group | None = None


def figures_of(group: Group) -> PurePosixPath:
    """The folder of its figures, relative to the results' folder."""
    folder = PurePosixPath("figures", plain(group.host))
    return folder if group.team is None else folder / group.team
