"""What of the user's own a suite names, and where it lies: it travels with the suite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.errors import Fault
from bench.run.cluster.archive import Archive, pack
from bench.suite.cells import Cell, Suite
from bench.suite.names import is_import_path
from bench.suite.user_code import find_module

__all__ = ["BESIDE", "HERE", "missing_code", "packed_code"]

BESIDE, HERE = "suite", "here"
"""What the suite's folder and the current folder are called in an archive."""


def packed_code(suite: Suite, cells: tuple[Cell, ...]) -> Archive:
    """The suite's folder, where cells name code or files that lie there, and the current one, where they lie in that.

    Raises InputError where these are too much to travel.
    """
    beside, here = Path(suite.folder).absolute(), Path.cwd()
    wanted: dict[str, Path] = {}
    for path in _import_paths(cells):
        found = find_module(path.partition(":")[0], beside)
        places = [Path(place) for place in (found.submodule_search_locations or ()) if place] if found else []
        places += [Path(found.origin)] if found is not None and found.has_location and found.origin else []
        for place in places:
            if "site-packages" in place.parts:
                continue
            if place.is_relative_to(beside):
                wanted[BESIDE] = beside
            elif place.is_relative_to(here):
                wanted[HERE] = here
    if any(_is_file(cell, beside) for cell in cells):
        wanted[BESIDE] = beside
    return pack(wanted)


def missing_code(cells: tuple[Cell, ...], folder: Path) -> Iterator[Fault]:
    """A fault for each module that this machine, with what travelled in `folder` and the current one, doesn't have."""
    for module in dict.fromkeys(path.partition(":")[0] for path in _import_paths(cells)):
        if find_module(module, folder) is None:
            hint = "install it there, or put it beside the suite: then it travels"
            yield Fault(f"there is no module '{module}'", hint)


def _import_paths(cells: tuple[Cell, ...]) -> Iterator[str]:
    for cell in cells:
        named = (
            cell.model.network,
            cell.data.name,
            cell.data.pipeline,
            cell.data.validation,
            cell.variant.options.batch_map,
        )
        yield from (path for path in named if path is not None and is_import_path(path))


def _is_file(cell: Cell, folder: Path) -> bool:
    """Does the cell name a file of the suite's folder?"""
    named = (cell.data.subset, cell.model.weights)
    return any(isinstance(name, str) and (folder / name).is_file() for name in named)
