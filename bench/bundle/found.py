"""Bundles where they lie: in files, folders, archives within archives, and notebooks."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from bench.bundle.archive import Archive, ArchiveError, is_archive
from bench.bundle.form import FORM, MANIFEST, MOST_MANIFEST_BYTES
from bench.bundle.notebook import MOST_NOTEBOOK_BYTES, archives_in
from bench.errors import Fault, InputError
from bench.support.files import open_regular, read_regular

__all__ = ["Found", "Looked", "Submitted", "files_in", "look"]

MOST_DEPTH: Final = 3
"""Archives within archives, notebooks among them."""
MOST_INNER_BYTES: Final = 2**28
"""Of an archive or notebook within another."""
_MOST_ALTOGETHER_BYTES: Final = 2**33
"""That come out of one file."""
_NOTEBOOK: Final = ".ipynb"
_JUNK: Final = ("__MACOSX/", ".DS_Store")


@dataclass(frozen=True)
class Found:
    """A bundle: where it was found, in words, and the archive that holds it, in the folder `prefix` of that.

    `why` is set where none can be read there that seems to be one, and the archive is none then.
    """

    where: str
    archive: Archive | None = None
    prefix: str = ""
    why: str = ""

    @property
    def names(self) -> list[str]:
        """Its files but the manifest, by their names in the bundle; not what a file manager puts among them."""
        assert self.archive is not None
        inside = (name.removeprefix(self.prefix) for name in self.archive.names if name.startswith(self.prefix))
        return [name for name in inside if name != MANIFEST and not any(junk in f"/{name}" for junk in _JUNK)]

    def read(self, name: str, most: int) -> bytes:
        """One of its files. Raises `ArchiveError`."""
        assert self.archive is not None
        return self.archive.read(self.prefix + name, most)


@dataclass
class Looked:
    """How many files were looked at, and how many of them hold no bundle and were left alone."""

    files: int = 0
    others: int = 0

    def add(self, more: Looked) -> None:
        """Count those too."""
        self.files += more.files
        self.others += more.others


class Submitted(NamedTuple):
    """A file to look for bundles in; the user `named` it, or the folder that it lies in."""

    path: Path
    named: bool


def files_in(paths: Iterable[Path]) -> Iterator[Submitted]:
    """The files among the paths, and in the folders among them. Raises InputError, before it gives any, where a path
    isn't there."""
    paths = list(paths)
    missing = [path for path in paths if not path.exists()]
    if missing:
        raise InputError(*(Fault("no such file or folder", "a bundle, or a folder of them", path) for path in missing))
    for path in paths:
        if path.is_dir():
            yield from (Submitted(file, named=False) for file in _files(path))
        else:
            yield Submitted(path, named=True)


def look(file: Submitted, looked: Looked) -> Iterator[Found]:
    """Every bundle in the file; each can be read until the next is asked for.

    Of files that aren't archives or notebooks no more is read than their first bytes, links in folders aren't followed,
    and nothing is run.
    """
    looked.files += 1
    holds = False
    for one in _of_file(*file):
        holds = True
        yield one
    looked.others += not holds


def _files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(parent, name) for name in sorted(names))


def _of_file(path: Path, named: bool) -> Iterator[Found]:
    """The bundles in a file. One that the user `named` is told of, whatever it is; others only where they seem to hold
    one."""
    try:
        if not named and path.is_symlink():
            return
        fd = open_regular(path, follow=named)
    except OSError as error:
        if named or isinstance(error, PermissionError):
            yield Found(str(path), why=f"can't be read ({error.strerror or error})")
        return
    holds = False
    with os.fdopen(fd, "rb") as file:
        is_packed = is_archive(file.read(4))
        if is_packed:
            for one in _of_archive(file, str(path), 1, _MOST_ALTOGETHER_BYTES):
                holds = True
                yield one
    if not is_packed and path.suffix.lower() == _NOTEBOOK:
        for one in _of_notebook_file(path):
            holds = True
            yield one
    if named and not holds:
        what = "holds no bundle" if is_packed else "is no bundle, and holds none"
        yield Found(str(path), why=f"{what}: `bench pack` makes one")


def _of_notebook_file(path: Path) -> Iterator[Found]:
    try:
        content = read_regular(path, MOST_NOTEBOOK_BYTES, follow=True)
    except OSError as error:
        yield Found(str(path), why=f"can't be read ({error.strerror or error})")
        return
    yield from _of_notebook(content, str(path), 1, _MOST_ALTOGETHER_BYTES)


def _of_notebook(content: bytes, where: str, depth: int, budget: int) -> Iterator[Found]:
    with suppress(ValueError, RecursionError):  # one that is no notebook holds no bundle
        for inner in archives_in(content):
            yield from _of_archive(io.BytesIO(inner), where, depth + 1, budget)


def _of_archive(file: BinaryIO, where: str, depth: int, budget: int) -> Iterator[Found]:
    """The bundles in an archive: itself, folders in it, and archives and notebooks in it."""
    try:
        archive = Archive(file, budget)
    except ArchiveError as error:
        yield Found(where, why=str(error))
        return
    prefixes: list[str] = []
    for prefix in _manifests(archive.names):
        inner = f"{where}: {prefix.rstrip('/')}" if prefix else where
        try:
            is_ours = FORM.encode() in archive.read(prefix + MANIFEST, MOST_MANIFEST_BYTES)
        except ArchiveError as error:
            yield Found(inner, why=str(error))
            continue
        if is_ours:  # other programs have manifests of that name too
            prefixes.append(prefix)
            yield Found(inner, archive, prefix)
    for name in archive.names:
        if any(name.startswith(prefix) for prefix in prefixes) or any(junk in f"/{name}" for junk in _JUNK):
            continue
        yield from _inner(archive, name, where, depth)


def _manifests(names: list[str]) -> list[str]:
    """The folders of an archive that have a manifest, and don't lie in one that has."""
    found = sorted(name.removesuffix(MANIFEST) for name in names if f"/{name}".endswith(f"/{MANIFEST}"))
    return [one for one in found if not any(one != other and one.startswith(other) for other in found)]


def _inner(archive: Archive, name: str, where: str, depth: int) -> Iterator[Found]:
    is_notebook = name.lower().endswith(_NOTEBOOK)
    if not is_notebook and not is_archive(archive.begins(name)):
        return
    inside = f"{where}: {name}"
    if depth >= MOST_DEPTH:
        yield Found(inside, why=f"lies in more than {MOST_DEPTH - 1} archives within each other: unpack the outer ones")
        return
    try:
        content = archive.read(name, MOST_INNER_BYTES)
    except ArchiveError as error:
        yield Found(inside, why=str(error))
        return
    if is_notebook:
        yield from _of_notebook(content, inside, depth, archive.left)
    else:
        yield from _of_archive(io.BytesIO(content), inside, depth + 1, archive.left)
