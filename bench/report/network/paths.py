"""Connections as paths of SVG: corners rounded, and a triangle where an arrow ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.report.network.shapes import Point, Wire

__all__ = ["head", "line", "number"]

_ROUND = 6.0


def number(value: float) -> str:
    return f"{round(value, 1):g}"


def line(wire: Wire) -> str:
    """Its corners rounded."""
    return "".join(_steps(wire.points))


def _steps(points: Sequence[Point]) -> Iterator[str]:
    yield f"M{_at(points[0])}"
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        yield f"L{_at(_toward(corner, before))}Q{_at(corner)} {_at(_toward(corner, after))}"
    yield f"L{_at(points[-1])}"


def _toward(corner: Point, other: Point) -> Point:
    across, down = other[0] - corner[0], other[1] - corner[1]
    length = (across**2 + down**2) ** 0.5
    share = min(_ROUND, length / 2) / length if length else 0.0
    return corner[0] + across * share, corner[1] + down * share


def head(wire: Wire) -> str:
    """A triangle at the end, which comes from above."""
    x, y = wire.points[-1]
    return f"M{_at((x, y))}L{_at((x - 3.5, y - 7))}L{_at((x + 3.5, y - 7))}Z"


def _at(point: Point) -> str:
    return f"{number(point[0])} {number(point[1])}"
