"""Which figures are as they would be drawn, so that they needn't be.

What a figure was drawn from, and what became of it, is kept beside the results as a hash of each. One that was edited,
replaced or pulled from elsewhere, or that other code would draw, is drawn anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Any

import bench
from bench.analyse.stats.spread import Spread
from bench.report.core.plot_style import vector
from bench.report.core.section import Drawing
from bench.results.index.folder import FOLDER, make_folder
from bench.results.record import Record
from bench.support.files import keep_within, read_regular, write_whole

__all__ = ["DrawnFigures", "inputs_of"]

_NAME = "figures.json"
_LARGEST = 2**26


def inputs_of(records: Iterable[Record], label: str, spread: Spread) -> str:
    """Equal for figures of the same records, of a host of the same label and spread, by the same code."""
    told = hashlib.sha256(_code())
    for part in _parts(records, label, spread):
        told.update(len(part).to_bytes(8) + part)
    return told.hexdigest()


class DrawnFigures:
    """The figures of the results in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / FOLDER / _NAME
        self._known = _read(self._file)
        self._found: dict[str, list[str]] = {}

    def draw(self, drawing: Drawing) -> bool:
        """Draw a figure in its place, unless it lies there as it would come out; is there something to see?

        Raises OSError where it can't be written.
        """
        path = self._folder / drawing.place
        keep_within(path, self._folder)
        inputs = drawing.inputs() if drawing.inputs is not None else ""
        now = _hashes(path) if inputs else None
        if now is None or self._known.get(str(drawing.place)) != [inputs, *now]:
            if not drawing.draw(path):
                return False
            now = _hashes(path)
        if inputs and now is not None:
            self._found[str(drawing.place)] = [inputs, *now]
        return True

    def keep(self) -> None:
        """Remember those that were drawn or found as they should be; where that can't be, all are drawn again."""
        if self._found == self._known:
            return
        with suppress(OSError):
            make_folder(self._file.parent)
            write_whole(self._file, json.dumps(self._found, indent=0), sync=False)


def _hashes(path: Path) -> list[str] | None:
    """Of the PNG and its SVG; None where one isn't there."""
    try:
        return [hashlib.sha256(read_regular(one, _LARGEST)).hexdigest() for one in (path, vector(path))]
    except OSError:
        return None


def _read(path: Path) -> dict[str, Any]:
    """Inputs and hashes by place; nothing where the file can't be trusted to say."""
    try:
        found = json.loads(read_regular(path, _LARGEST))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _parts(records: Iterable[Record], label: str, spread: Spread) -> Iterator[bytes]:
    yield version("matplotlib").encode()
    yield label.encode()
    yield repr(spread).encode()
    for record in records:
        yield from (process.model_dump_json().encode() for process in record.processes)


@cache
def _code() -> bytes:
    """A hash of all of bench's code: what of it a figure depends on is more than anyone would keep a list of."""
    folder, told = Path(bench.__file__).parent, hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        content = path.read_bytes()
        told.update(f"{PurePosixPath(path.relative_to(folder))}\0{len(content)}\0".encode() + content)
    return told.digest()
