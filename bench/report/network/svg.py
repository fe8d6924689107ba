"""A drawing as SVG: text that is text, with a title and a description for those who can't see it."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree as ET

from bench.report.network.colours import BACKGROUND, COLOURS, INK, LINE, QUIET
from bench.report.network.paths import head, line, number
from bench.report.network.shapes import Box, Drawing, Frame
from bench.support.plain_text import plain_text

__all__ = ["svg"]

_SPACE = "http://www.w3.org/2000/svg"
_UNWRITABLE = re.compile("[\ufffe\uffff]")
"""What XML can't hold, and isn't written out already."""
_FONT = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"


def svg(drawing: Drawing) -> bytes:
    """The file's content; equal drawings give equal files."""
    ET.register_namespace("", _SPACE)
    width, height = drawing.width, drawing.height
    root = _element(
        None, "svg", viewBox=f"0 0 {number(width)} {number(height)}", width=width, height=height, role="img",
        **{"aria-labelledby": "title desc", "font-family": _FONT, "font-size": 12},
    )  # fmt: skip
    _element(root, "title", drawing.title, id="title")
    _element(root, "desc", drawing.told, id="desc")
    _element(root, "rect", width="100%", height="100%", fill=BACKGROUND)
    for frame in drawing.frames:
        _frame(root, frame)
    wires = _element(root, "g", fill="none", stroke=LINE, **{"stroke-width": 1.3})
    for wire in drawing.wires:
        _element(wires, "path", d=line(wire))
    heads = _element(root, "g", fill=LINE)
    for wire in drawing.wires:
        if wire.arrow:
            _element(heads, "path", d=head(wire))
    for box in drawing.boxes:
        _box(root, box)
    for x, y, name, words in drawing.keys:
        fill, stroke = COLOURS[name]
        _element(root, "rect", x=x, y=y, width=11, height=11, rx=2, fill=fill, stroke=stroke)
        _text(root, x + 16, y + 10, words, fill=QUIET, **{"font-size": 11})
    ET.indent(root, " ")
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _box(root: ET.Element, box: Box) -> None:
    fill, stroke = COLOURS[box.family]
    group = _element(root, "g")
    shape = {"width": box.width, "height": box.height, "rx": 4, "fill": fill, "stroke": stroke}
    for shift in (4, 0) if box.stacked else (0,):
        _element(group, "rect", x=box.x + shift, y=box.y + shift, **shape)
    middle = box.x + box.width / 2
    for place, words in enumerate(box.lines):
        style = {"font-weight": "bold", "fill": INK} if not place else {"font-size": 10.5, "fill": QUIET}
        _text(group, middle, box.y + 17 + 14 * place, words, **{"text-anchor": "middle", **style})


def _frame(root: ET.Element, frame: Frame) -> None:
    group = _element(root, "g")
    _element(
        group, "rect", x=frame.x, y=frame.y, width=frame.width, height=frame.height, rx=8, fill="#f6f7f9", stroke=LINE,
        **{"stroke-dasharray": "5 3"},
    )  # fmt: skip
    _text(group, frame.x + 8, frame.y + 16, frame.label, fill=INK, **{"font-weight": "bold", "font-size": 13})


def _text(parent: ET.Element, x: float, y: float, text: str, **style: Any) -> None:
    _element(parent, "text", text, x=x, y=y, **style)


def _element(parent: ET.Element | None, tag: str, text: str | None = None, /, **attributes: Any) -> ET.Element:
    told = {name: number(value) if isinstance(value, float) else str(value) for name, value in attributes.items()}
    name = f"{{{_SPACE}}}{tag}"
    made = ET.Element(name, told) if parent is None else ET.SubElement(parent, name, told)
    made.text = None if text is None else _UNWRITABLE.sub("\ufffd", plain_text(text))
    return made
