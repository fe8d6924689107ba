"""A DuckDB file that appears whole, is of this very version of everything, and is thrown away when in doubt.

DuckDB lets one process write and nobody read meanwhile. Here nobody waits: whoever changes an index does so in a copy
of its own, which then takes the place of the old one. Who reads the old one goes on with it; of two that write at once
the later one's stays, and both are true.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pydantic
import pydantic_core

from bench.results.index.folder import make_folder
from bench.support.files import is_regular

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

__all__ = ["Change", "changing", "discard", "opened", "stamp"]

_ROOM = Path(__file__).parents[1]
_LEFT_SECONDS = 3600.0
_CONFIG: Mapping[str, Any] = {
    "threads": 1,
    "enable_external_access": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
"""A tree of others may come with a file in an index's place, and whatever that holds leads nowhere."""


@cache
def stamp(*rooms: Path) -> str:
    """What an index must have been made by: this code of the whole room and of `rooms` beside, and the packages that
    its words are of."""
    import duckdb

    digest = hashlib.sha256()
    for room in (_ROOM, *rooms):
        for path in sorted(room.rglob("*.py")):
            digest.update(path.read_bytes())
    for version in (pydantic.VERSION, pydantic_core.__version__, duckdb.__version__):
        digest.update(version.encode())
    return digest.hexdigest()


@contextmanager
def opened(path: Path, made_by: str) -> Iterator[DuckDBPyConnection | None]:
    """The index at `path` to be read; None where there is none that can be trusted, which is then taken away.

    Raises `duckdb.Error` where it turns out to be damaged as it is read.
    """
    connection = _connected(path, made_by)
    if connection is None:
        yield None
        return
    with connection:
        yield connection


def _connected(path: Path, made_by: str) -> DuckDBPyConnection | None:
    import duckdb

    if not is_regular(path):
        return None
    try:
        connection = duckdb.connect(path, read_only=True, config=dict(_CONFIG))
    except duckdb.Error:
        discard(path)
        return None
    try:
        if connection.execute("SELECT made_by FROM made").fetchall() == [(made_by,)]:
            return connection
    except duckdb.Error:
        pass
    connection.close()
    discard(path)
    return None


def discard(path: Path) -> None:
    """Take an index away that can't be trusted; it is made anew the next time."""
    with suppress(OSError):
        path.unlink()


@dataclass
class Change:
    """An index that is being changed; `refused` is why it can't be kept, None where it can."""

    connection: DuckDBPyConnection
    refused: str | None = None


@contextmanager
def changing(path: Path, schema: str, made_by: str) -> Iterator[Change]:
    """The index at `path` to be changed, or a new one with the tables of `schema`; it is there for others once the
    block has ended well. Where nothing can be written it lives in memory, and `refused` says why."""
    import duckdb

    try:
        beside, is_copy = _beside(path, made_by)
    except OSError as error:
        with duckdb.connect(":memory:", config=dict(_CONFIG)) as memory:
            yield Change(_made(memory, schema, made_by), error.strerror or str(error))
        return
    try:
        with duckdb.connect(beside, config=dict(_CONFIG)) as connection:
            if not is_copy:
                _made(connection, schema, made_by)
            connection.execute("BEGIN")
            change = Change(connection)
            yield change
            try:
                connection.execute("COMMIT")
                connection.execute("CHECKPOINT")
            except duckdb.Error as error:  # a full disk, most likely: what was asked is known all the same
                change.refused = str(error).partition("\n")[0]
        if change.refused is None:
            try:
                beside.replace(path)
            except OSError as error:
                change.refused = error.strerror or str(error)
    finally:
        for left in (beside, _wal(beside)):
            with suppress(OSError):
                left.unlink(missing_ok=True)


def _made(connection: DuckDBPyConnection, schema: str, made_by: str) -> DuckDBPyConnection:
    connection.execute(schema)
    connection.execute("CREATE TABLE made (made_by VARCHAR)")
    connection.execute("INSERT INTO made VALUES (?)", [made_by])
    return connection


def _beside(path: Path, made_by: str) -> tuple[Path, bool]:
    """A place for the copy, in a folder that can be written to, and whether there is one. Raises OSError."""
    folder = path.parent
    make_folder(folder)
    for left in folder.glob("*.new*"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > _LEFT_SECONDS:
                left.unlink()
    beside = folder / f"{path.name}.{secrets.token_hex(4)}.new"
    os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    beside.unlink()
    connection = _connected(path, made_by)
    if connection is None:
        return beside, False
    connection.close()
    try:
        shutil.copyfile(path, beside, follow_symlinks=False)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    return beside, True


def _wal(path: Path) -> Path:
    return path.with_name(f"{path.name}.wal")
