"""What a drawing is made of: boxes, frames and lines, in units of a pixel, y downwards. Renderers make ink of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

__all__ = ["Box", "Drawing", "Frame", "Part", "Point", "Wire", "beside"]

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A layer: `lines` of text, the first of them its title; `family` is its kind of layer; `stacked`: it stands for
    several one after another."""

    x: float
    y: float
    width: float
    height: float
    family: str
    lines: tuple[str, ...]
    stacked: bool = False


@dataclass(frozen=True)
class Frame:
    """What lies in it stands several times in a row; `label` says how often."""

    x: float
    y: float
    width: float
    height: float
    label: str


@dataclass(frozen=True)
class Wire:
    """A connection by its corners; with an `arrow` at its end."""

    points: tuple[Point, ...]
    arrow: bool = True


@dataclass(frozen=True)
class Part:
    """A piece of a drawing around an axis at x = 0, that begins at y = 0 and is `height` tall.

    `left` and `right` are how far it reaches from its axis. What leads into it arrives at its axis, at the top; what
    leads out of it leaves there, at the bottom. `forks`: what leads into it goes on within, and no
    arrow ends there.
    """

    left: float = 0.0
    right: float = 0.0
    height: float = 0.0
    boxes: tuple[Box, ...] = ()
    frames: tuple[Frame, ...] = ()
    wires: tuple[Wire, ...] = ()
    forks: bool = False

    @property
    def width(self) -> float:
        return self.left + self.right

    def moved(self, right: float, down: float) -> Part:
        """What it is made of, elsewhere; its sizes stay."""
        return replace(
            self,
            boxes=tuple(replace(one, x=one.x + right, y=one.y + down) for one in self.boxes),
            frames=tuple(replace(one, x=one.x + right, y=one.y + down) for one in self.frames),
            wires=tuple(replace(one, points=tuple((x + right, y + down) for x, y in one.points)) for one in self.wires),
        )


def beside(
    parts: Iterable[Part], wires: Iterable[Wire], left: float, right: float, height: float, *, forks: bool = False
) -> Part:
    """A part of all of these, which were moved to their places."""
    every = tuple(parts)
    return Part(
        left,
        right,
        height,
        tuple(box for part in every for box in part.boxes),
        tuple(frame for part in every for frame in part.frames),
        (*(wire for part in every for wire in part.wires), *wires),
        forks,
    )


@dataclass(frozen=True)
class Drawing:
    """A whole drawing, its corner at 0, 0. `title` and `told` say in words what it shows; `keys` are where the entries
    of its legend begin, their families and their words."""

    width: float
    height: float
    title: str
    told: str
    boxes: tuple[Box, ...]
    frames: tuple[Frame, ...]
    wires: tuple[Wire, ...]
    keys: tuple[tuple[float, float, str, str], ...]
