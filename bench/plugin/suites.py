"""The suites of one pytest session, and the cells that are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from bench.errors import Fault, InputError, gathered, nearest
from bench.suite import Cell, Suite, load, select
from bench.suite.select import matches

__all__ = ["Suites"]


class Suites:
    """Suites by their files, each read once, with `overrides` laid over it.

    Paths are absolute or relative to one of `folders`, the first that has such a file.
    """

    def __init__(self, folders: Sequence[Path], overrides: Sequence[str]) -> None:
        self._folders, self._overrides = folders, overrides
        self._loaded: dict[Path, Suite] = {}

    def find(self, suite: str | Path) -> Path:
        """The suite's file, absolute, whether it is there or not."""
        places = [folder / suite for folder in self._folders]
        return next((place for place in places if place.is_file()), places[0]).resolve()

    def load(self, path: Path) -> Suite:
        """The suite in the file at `path`. Raises InputError with every fault."""
        if path not in self._loaded:
            self._loaded[path] = load(path, self._overrides)
        return self._loaded[path]

    def select(self, suites: Iterable[str], only: Sequence[str]) -> dict[Path, tuple[Cell, ...]]:
        """The cells of `suites` that match any of the globs in `only`, by file; all where that is empty.

        Raises InputError with the faults of all suites, and for globs that match no cell of any.
        """
        paths = list(dict.fromkeys(self.find(suite) for suite in suites))
        if only and not paths:
            raise InputError(Fault("--bench-only selects from a suite", "name it: --bench-suite suites/cnn.yaml"))
        loaded = gathered(partial(self.load, path) for path in paths)
        every = {path: suite.cells() for path, suite in zip(paths, loaded, strict=True)}
        chosen = select([cell for cells in every.values() for cell in cells], only, "--bench-only") if paths else ()
        return {path: tuple(cell for cell in cells if cell in chosen) for path, cells in every.items()}

    def cell(self, path: Path, name: str) -> Cell:
        """One cell by its id, or by as much of its beginning as leaves no doubt. Raises InputError."""
        cells = self.load(path).cells()
        found = [cell for cell in cells if cell.id == name] or [cell for cell in cells if matches(cell.id, name)]
        if len(found) == 1:
            return found[0]
        if found:
            hint = ", ".join(cell.id for cell in found)
            raise InputError(Fault(f"'{name}' is {len(found)} cells, and one is measured at a time", hint, path))
        raise InputError(Fault(f"no cell '{name}'", nearest(name, [cell.id for cell in cells]), path))
