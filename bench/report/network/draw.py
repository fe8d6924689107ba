"""A network drawn into a file: SVG, PNG or PDF."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from bench.errors import Fault, InputError
from bench.report.network.layout import drawing
from bench.report.network.paint import painted
from bench.report.network.svg import svg
from bench.results.architecture import Architecture
from bench.support.files import write_whole

__all__ = ["ENDINGS", "draw"]

ENDINGS: Final = (".svg", ".png", ".pdf")
"""What a drawing's file may end in."""


def draw(architecture: Architecture, title: str, path: Path) -> None:
    """Write the drawing to `path`, in the form that its ending, one of `ENDINGS`, names.

    Raises InputError where there is nothing to draw, and where it can't be written.
    """
    if not architecture.layers:
        raise InputError(Fault(f"{title} can't be drawn: {architecture.absent}"))
    found, form = drawing(architecture, title), path.suffix.lower()[1:]
    content = svg(found) if form == "svg" else painted(found, form)
    try:
        write_whole(path, content, sync=False)
    except OSError as error:
        raise InputError(Fault(f"can't be written ({error.strerror or error})", "name another file", path)) from None
