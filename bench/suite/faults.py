"""Gathers everything that is wrong with one suite, each fault at its place."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bench.errors import Fault, InputError
from bench.suite.importpath import import_fault
from bench.suite.yamldata import Keys
from bench.suite.yamlfile import Document

__all__ = ["MOST", "Faults"]


MOST = 200
"""Faults that are told at once: looking for all of many thousands could take minutes."""


class Faults:
    """The faults of a document, and of the overrides laid over it: as soon as there are `MOST`, they are raised."""

    def __init__(self, document: Document) -> None:
        self._file = document.file
        self._places: dict[Keys, tuple[Path | str, int | None]] = {
            keys: (document.file, line) for keys, line in document.lines.items()
        }
        self._broken = set(document.broken)
        self._faults = dict.fromkeys(document.faults)
        self._import_faults: dict[tuple[str, Path], tuple[str, str] | None] = {}

    def redirect(self, keys: Keys, origin: str) -> None:
        """From now on what lies under `keys` comes from `origin`, an override as it was written."""
        for stale in [way for way in self._places if way[: len(keys)] == keys]:
            del self._places[stale]
        self._places[keys] = origin, None

    def add(self, keys: Keys, what: str, hint: str | None = None) -> None:
        """A fault at the value that `keys` lead to, or at the nearest one around it whose place is known.

        Values that couldn't be read as they stand are complained of once, so nothing is added there.
        """
        if self._broken.isdisjoint(_around(keys)):
            self._faults[Fault(what, hint, *self.place(keys))] = None
            if len(self._faults) >= MOST:
                self.raise_all()

    def place(self, keys: Keys) -> tuple[Path | str, int | None]:
        """File and line of the value that `keys` lead to, or of the nearest one around it that has any."""
        return next((self._places[way] for way in _around(keys) if way in self._places), (self._file, None))

    def respell(self, written: str, meant: str) -> None:
        """From now on the key `written` of the root is known as `meant`."""
        for way in [way for way in self._places if way[:1] == (written,)]:
            self._places[(meant, *way[1:])] = self._places.pop(way)
        self._broken = {(meant, *way[1:]) if way[:1] == (written,) else way for way in self._broken}

    def hush(self, keys: Keys) -> None:
        """Takes no further complaint about what lies under `keys`."""
        self._broken.add(keys)

    def of_import(self, path: str, folder: Path) -> tuple[str, str] | None:
        """What `import_fault` says of an import path, which is looked for once however many models name it."""
        if (path, folder) not in self._import_faults:
            self._import_faults[path, folder] = import_fault(path, folder)
        return self._import_faults[path, folder]

    def extend(self, faults: Iterable[Fault]) -> None:
        """Faults that name their own place."""
        self._faults |= dict.fromkeys(faults)

    def raise_all(self) -> None:
        """Raises InputError where there is any fault: the file's by line, then those of overrides and other files."""
        ordered = sorted(self._faults, key=lambda fault: (fault.file != self._file, fault.line or 0))
        if ordered:
            more = [Fault("there may be more that is wrong", "mend these first", self._file)]
            raise InputError(*ordered[:MOST], *(more if len(ordered) >= MOST else ()))


def _around(keys: Keys) -> list[Keys]:
    return [keys[:end] for end in range(len(keys), -1, -1)]
