"""Where records lie: what a word on the command line names."""

from __future__ import annotations

import glob
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from bench.errors import Fault, InputError
from bench.results.team import is_team

__all__ = ["Pattern", "Place", "is_there", "place"]


class Pattern(NamedTuple):
    """Files by a glob pattern; with `of_team` those alone that lie in a team's folder."""

    text: str
    of_team: bool = False

    def fits(self, name: str) -> bool:
        """Is a path, relative to the pattern's base, one of them?"""
        path = PurePosixPath(name)
        if len(path.parts) != len(PurePosixPath(self.text).parts) or not path.match(self.text):
            return False
        return not self.of_team or is_team(path.parent.name)

    def host_of(self, name: str) -> str:
        """The host whose file it is."""
        return PurePosixPath(name).parents[1 if self.of_team else 0].name


Patterns = tuple[Pattern, ...]


@dataclass(frozen=True)
class Place:
    """Files under `base`: `every` are the patterns of all that could be meant, `wanted` of those that are.

    `root` is the tree whose hosts' profiles are theirs; `host`, `team` and `suite` are what the word names, if it does.
    """

    base: Path
    every: Patterns
    wanted: Patterns
    root: Path
    host: str | None = None
    suite: str | None = None
    team: str | None = None
    is_file: bool = False


_TREE = Pattern("results/*/*.jsonl"), Pattern("results/*/*/*.jsonl", True)
_FOLDER_OF_HOSTS = Pattern("*/*.jsonl"), Pattern("*/*/*.jsonl", True)
_HOST = Pattern("*.jsonl"), Pattern("*/*.jsonl", True)


def place(root: Path, where: str) -> Place:
    """The place that `where` names: `[HOST][/TEAM][/SUITE]` under `root`, a `.jsonl` file, a tree, or a folder of
    results.

    A team is named together with its host, or `*` for any. Raises InputError where it looks like a path and nothing is
    there.
    """
    if (named := _of_team(root, where)) is not None:
        return named
    host, _, suite = where.partition("/")
    path = _expanded(where)
    known = bool(host.strip(".")) and is_there(str(root / "results" / host))
    if where and (_is_path(where) or (is_there(where) and not known)):
        return _of_path(root, path)
    hosts, suites = (glob.escape(name) or "*" for name in (host, suite))
    wanted = Pattern(f"results/{hosts}/{suites}.jsonl"), Pattern(f"results/{hosts}/*/{suites}.jsonl", True)
    return Place(root, _TREE, wanted, root, host or None, suite or None)


def _of_team(root: Path, where: str) -> Place | None:
    """The place of a team that there is; None where the word names none."""
    host, _, rest = where.partition("/")
    team, _, suite = rest.partition("/")
    if not is_team(team) or not host.strip(".") or "/" in suite or suite.endswith(".jsonl"):
        return None
    hosts = "*" if host == "*" else glob.escape(host)
    if not any(path.is_dir() for path in (root / "results").glob(f"{hosts}/{team}")):
        return None
    if not suite and is_there(str(root / "results" / host / f"{team}.jsonl")):
        return None  # a suite is called so, as it could be before there were teams
    wanted = (Pattern(f"results/{hosts}/{team}/{glob.escape(suite) or '*'}.jsonl", True),)
    return Place(root, _TREE, wanted, root, None if host == "*" else host, suite or None, team)


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
        hint = "a side is HOST, HOST/SUITE or HOST/TEAM/SUITE, each with @DATE or @REVISION, or the path of a .jsonl "
        raise InputError(Fault("no such file or folder", f"{hint}file or of a tree", path))
    if path.is_dir():
        return _of_folder(root, path)
    only = (Pattern(glob.escape(path.name)),)
    return Place(path.parent, only, only, _tree_of(path, root), is_file=True)


def _of_folder(root: Path, path: Path) -> Place:
    """A tree, a host's folder, or a folder of such folders, whichever holds anything."""
    if (path / "results").is_dir():
        return Place(path, _TREE, _TREE, path)
    if next(path.glob("*.jsonl"), None):
        return Place(path, _HOST, _HOST, _tree_of(path, root), is_file=True)
    return Place(path, _FOLDER_OF_HOSTS, _FOLDER_OF_HOSTS, _tree_of(path, root))


def _tree_of(path: Path, otherwise: Path) -> Path:
    """The tree that the results at `path` belong to, by its `hosts`."""
    for folder in path.resolve().parents:
        if folder.name == "results" and (folder.parent / "hosts").is_dir():
            return folder.parent
    if path.resolve().name == "results" and (path.resolve().parent / "hosts").is_dir():
        return path.resolve().parent
    return otherwise
