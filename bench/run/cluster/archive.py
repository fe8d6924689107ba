"""The code and small files of a suite, in one piece: packed here, unpacked on nodes.

Not Ray's `working_dir`: that leaves out what `.gitignore` names, and what it unpacks stays.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bench.errors import Fault, InputError
from bench.support.files import RefusedError, read_regular

__all__ = ["MOST_BYTES", "MOST_FILES", "Archive", "pack", "unpack"]

MOST_BYTES = 64 << 20
MOST_FILES = 5_000
_NEVER = frozenset({"__pycache__", "results", "node_modules", "site"})


@dataclass(frozen=True)
class Archive:
    """A tar file, and the SHA-256 of it; empty where nothing has to travel."""

    content: bytes
    digest: str


def pack(folders: dict[str, Path]) -> Archive:
    """The regular files of each of `folders`, under its name; without hidden ones, and those of results.

    Raises InputError where they are more than `MOST_FILES`, or larger than `MOST_BYTES` together.
    """
    found: list[tuple[str, Path, int]] = []
    total = 0
    for name, folder in folders.items():
        for path, size in _files(folder):
            found.append((f"{name}/{path.relative_to(folder).as_posix()}", path, size))
            total += size
            if len(found) > MOST_FILES or total > MOST_BYTES:
                raise InputError(_too_much(folder, found))
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as tar:
        for name, path, _ in found:
            try:
                content = read_regular(path, MOST_BYTES, follow=True)
            except OSError as error:
                hint = "it lies beside the suite's code, which travels to the nodes"
                raise InputError(Fault(f"can't be read: {error.strerror or error}", hint, path)) from error
            about = tarfile.TarInfo(name)
            about.size, about.mode = len(content), 0o644
            tar.addfile(about, io.BytesIO(content))
    content = written.getvalue() if found else b""
    return Archive(content, _digest(content))


def unpack(archive: Archive, to: Path) -> None:
    """Write its files below `to`. Raises RefusedError where it isn't what was packed, or would write elsewhere."""
    if _digest(archive.content) != archive.digest:
        raise RefusedError("the suite's code didn't arrive as it was sent", to)
    if not archive.content:
        return
    total = 0
    with tarfile.open(fileobj=io.BytesIO(archive.content)) as tar:
        for number, one in enumerate(tar):
            way = PurePosixPath(one.name)
            total += one.size
            if not one.isreg() or way.is_absolute() or ".." in way.parts or "\0" in one.name:
                raise RefusedError("is no file of a suite's code", one.name)
            if number >= MOST_FILES or total > MOST_BYTES:
                raise RefusedError("is more than a suite's code may be", one.name)
            path, content = to / way, tar.extractfile(one)
            assert content is not None  # a regular file has some
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.read())


def _files(folder: Path) -> Iterator[tuple[Path, int]]:
    for where, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _NEVER)
        folders[:] = [name for name in folders if not (Path(where, name) / "pyvenv.cfg").exists()]
        for name in sorted(files):
            path = Path(where, name)
            if name.startswith("."):
                continue
            try:
                about = path.stat()
            except OSError:  # a link that leads nowhere
                continue
            if stat.S_ISREG(about.st_mode):
                yield path, about.st_size


def _too_much(folder: Path, found: list[tuple[str, Path, int]]) -> Fault:
    _, largest, size = max(found, key=lambda one: one[2])
    what = f"its files travel to the nodes with the suite's code, and are more than {MOST_BYTES >> 20} MiB"
    if len(found) > MOST_FILES:
        what = f"its files travel to the nodes with the suite's code, and are more than {MOST_FILES:,}"
    hint = f"put the suite and its code into a folder of their own; the largest file is {largest} ({size >> 20} MiB)"
    return Fault(what, hint, folder)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
