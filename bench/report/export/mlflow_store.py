"""Where MLflow keeps runs: an SQLite file, a folder, or a server that the user names; never one by default."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bench.errors import Fault, InputError
from bench.results.writable import appendable

__all__ = ["Store", "store_at"]

_SQLITE = (".db", ".sqlite", ".sqlite3")


@dataclass(frozen=True)
class Store:
    """`uri` is as MLflow wants it; `file` is that of SQLite, None where it is none; `artifacts` where runs of a new
    experiment keep files, None: as the store says."""

    uri: str
    file: Path | None = None
    is_folder: bool = False

    @property
    def artifacts(self) -> str | None:
        return None if self.file is None else (self.file.parent / f"{self.file.stem}-artifacts").as_uri()

    def make_ready(self) -> None:
        """Raise InputError where a file can't be written, which MLflow would try again and again; makes its folder."""
        if self.file is not None:
            appendable(self.file)
            self.file.parent.mkdir(parents=True, exist_ok=True)


def store_at(out: str) -> Store:
    """The store that `out` names: `runs.db`, a folder, or a URI of MLflow's.

    Raises InputError where something else lies there: MLflow would put its tables into any database.
    """
    scheme, colon, rest = out.partition("://")
    if colon and scheme not in ("sqlite", "file"):
        return Store(out)
    if scheme == "sqlite" and colon:
        path = Path(unquote(urlsplit(f"file://{rest}").path.removeprefix("/")))
        if rest in ("", "/") or "?" in rest:
            raise InputError(Fault(f"'{out}' names no file of SQLite's", "sqlite:///runs.db, or runs.db"))
        return _file(path)
    if scheme == "file" and colon:
        return _folder(Path(unquote(urlsplit(out).path)))
    return _file(Path(out)) if out.endswith(_SQLITE) else _folder(Path(out))


def _file(path: Path) -> Store:
    path = path.absolute()
    if path.exists() and not path.is_file():
        raise InputError(Fault("is no regular file", "name a file that ends in .db", path))
    if path.is_file() and path.stat().st_size and not _is_mlflows(path):
        raise InputError(Fault("is no database of MLflow's", "name another file, or one that isn't there yet", path))
    return Store(f"sqlite:///{path}", path)


def _folder(path: Path) -> Store:
    path = path.absolute()
    if path.exists() and not path.is_dir():
        hint = "name a file that ends in .db for SQLite, or a folder"
        raise InputError(Fault("is neither a folder nor called as a database", hint, path))
    if path.is_dir() and any(path.iterdir()) and next(path.glob("*/meta.yaml"), None) is None:
        what = "holds something that isn't MLflow's"
        raise InputError(Fault(what, "name a folder that is empty or not there yet", path))
    return Store(path.as_uri(), is_folder=True)


def _is_mlflows(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as base:
            names = {name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.Error:
        return False
    return {"experiments", "runs", "alembic_version"} <= names
