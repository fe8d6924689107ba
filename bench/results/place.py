"""Where records lie: what a word on the command line names."""

from __future__ import annotations

import glob
from dataclasses import dataclass
from pathlib import Path

from bench.errors import Fault, InputError

__all__ = ["Place", "is_there", "place"]


@dataclass(frozen=True)
class Place:
    """Files under `base`: `every` is the pattern of all that could be meant, `wanted` of those that are.

    `root` is the tree whose hosts' profiles are theirs; `host` and `suite` are what the word names, if it does.
    """

    base: Path
    every: str
    wanted: str
    root: Path
    host: str | None = None
    suite: str | None = None
    is_file: bool = False


def place(root: Path, where: str) -> Place:
    """The place that `where` names: `[HOST][/SUITE]` under `root`, a `.jsonl` file, a tree, or a folder of results.

    Raises InputError where it looks like a path and nothing is there.
    """
    host, _, suite = where.partition("/")
    path = _expanded(where)
    known = bool(host.strip(".")) and is_there(str(root / "results" / host))
    if where and (_is_path(where) or (is_there(where) and not known)):
        return _of_path(root, path)
    wanted = f"results/{glob.escape(host) or '*'}/{glob.escape(suite) or '*'}.jsonl"
    return Place(root, "results/*/*.jsonl", wanted, root, host or None, suite or None)


def is_there(where: str) -> bool:
    """Is there a file or folder of that name?"""
    try:
        return _expanded(where).exists()
    except OSError:  # too long for a name
        return False


def _expanded(where: str) -> Path:
    try:
        return Path(where).expanduser()
    except RuntimeError:  # ~ and no user's name
        return Path(where)


def _is_path(where: str) -> bool:
    """Does it look like one? `/cnn` is a suite, of whatever host."""
    return where.endswith(".jsonl") or where.startswith(("./", "../", "~")) or where.count("/") > 1


def _of_path(root: Path, path: Path) -> Place:
    if not is_there(str(path)):
        hint = "a side is HOST, HOST/SUITE, either with @DATE or @REVISION, or the path of a .jsonl file or of a tree"
        raise InputError(Fault("no such file or folder", hint, path))
    if path.is_dir():
        return _of_folder(root, path)
    name = glob.escape(path.name)
    return Place(path.parent, name, name, _tree_of(path, root), is_file=True)


def _of_folder(root: Path, path: Path) -> Place:
    """A tree, a host's folder, or a folder of such folders, whichever holds anything."""
    if (path / "results").is_dir():
        return Place(path, "results/*/*.jsonl", "results/*/*.jsonl", path)
    if next(path.glob("*.jsonl"), None):
        return Place(path, "*.jsonl", "*.jsonl", _tree_of(path, root), is_file=True)
    return Place(path, "*/*.jsonl", "*/*.jsonl", _tree_of(path, root))


def _tree_of(path: Path, otherwise: Path) -> Path:
    """The tree that the results at `path` belong to, by its `hosts`."""
    for folder in path.resolve().parents:
        if folder.name == "results" and (folder.parent / "hosts").is_dir():
            return folder.parent
    if path.resolve().name == "results" and (path.resolve().parent / "hosts").is_dir():
        return path.resolve().parent
    return otherwise
