"""A drawing as SVG: text that is text, with a title and a description for those who can't see it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree import ElementTree as ET

from bench.report.network.colours import BACKGROUND, COLOURS, INK, LINE, QUIET
from bench.report.network.legend import LEGEND, legend
from bench.report.network.shapes import Box, Drawing, Frame, Point, Wire

__all__ = ["svg"]

_SPACE = "http://www.w3.org/2000/svg"
_FONT = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
_ROUND = 6.0


def svg(drawing: Drawing) -> bytes:
    """The file's content; equal drawings give equal files."""
    ET.register_namespace("", _SPACE)
    width, height = drawing.width, drawing.height + LEGEND
    root = _element(
        None, "svg", viewBox=f"0 0 {_number(width)} {_number(height)}", width=width, height=height, role="img",
        **{"aria-labelledby": "title desc", "font-family": _FONT, "font-size": 12},
    )  # fmt: skip
    _element(root, "title", drawing.title, id="title")
    _element(root, "desc", drawing.told, id="desc")
    _element(root, "rect", width="100%", height="100%", fill=BACKGROUND)
    for frame in drawing.frames:
        _frame(root, frame)
    wires = _element(root, "g", fill="none", stroke=LINE, **{"stroke-width": 1.3})
    for wire in drawing.wires:
        _element(wires, "path", d=_path(wire))
    heads = _element(root, "g", fill=LINE)
    for wire in drawing.wires:
        if wire.arrow:
            _element(heads, "path", d=_head(wire))
    for box in drawing.boxes:
        _box(root, box)
    for x, name, words in legend(drawing):
        fill, stroke = COLOURS[name]
        _element(root, "rect", x=x, y=drawing.height, width=11, height=11, rx=2, fill=fill, stroke=stroke)
        _text(root, x + 16, drawing.height + 10, words, fill=QUIET, **{"font-size": 11})
    ET.indent(root, " ")
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _box(root: ET.Element, box: Box) -> None:
    fill, stroke = COLOURS[box.family]
    group = _element(root, "g")
    shape = {"width": box.width, "height": box.height, "rx": 4, "fill": fill, "stroke": stroke}
    for shift in (4, 0) if box.stacked else (0,):
        _element(group, "rect", x=box.x + shift, y=box.y + shift, **shape)
    middle = box.x + box.width / 2
    for place, line in enumerate(box.lines):
        style = {"font-weight": "bold", "fill": INK} if not place else {"font-size": 10.5, "fill": QUIET}
        _text(group, middle, box.y + 17 + 14 * place, line, **{"text-anchor": "middle", **style})


def _frame(root: ET.Element, frame: Frame) -> None:
    group = _element(root, "g")
    _element(
        group, "rect", x=frame.x, y=frame.y, width=frame.width, height=frame.height, rx=8, fill="#f6f7f9", stroke=LINE,
        **{"stroke-dasharray": "5 3"},
    )  # fmt: skip
    _text(group, frame.x + 8, frame.y + 16, frame.label, fill=INK, **{"font-weight": "bold", "font-size": 13})


def _text(parent: ET.Element, x: float, y: float, text: str, **style: object) -> None:
    _element(parent, "text", text, x=x, y=y, **style)


def _element(parent: ET.Element | None, tag: str, text: str | None = None, **attributes: object) -> ET.Element:
    told = {name: _number(value) if isinstance(value, float) else str(value) for name, value in attributes.items()}
    name = f"{{{_SPACE}}}{tag}"
    made = ET.Element(name, told) if parent is None else ET.SubElement(parent, name, told)
    made.text = text
    return made


def _number(value: float) -> str:
    return f"{round(value, 1):g}"


def _path(wire: Wire) -> str:
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


def _head(wire: Wire) -> str:
    """A triangle at the end, which comes from above."""
    x, y = wire.points[-1]
    return f"M{_at((x, y))}L{_at((x - 3.5, y - 7))}L{_at((x + 3.5, y - 7))}Z"


def _at(point: Point) -> str:
    return f"{_number(point[0])} {_number(point[1])}"
