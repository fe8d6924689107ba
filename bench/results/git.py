"""Results as they were committed: read through the git command line, the working tree untouched."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.errors import Fault, InputError, nearest

__all__ = ["Commit", "resolve"]

_OFFLINE = {"GIT_ALLOW_PROTOCOL": "", "GIT_NO_LAZY_FETCH": "1"}
"""A repository that lacks objects can say where git shall fetch them, and by which program: it fetches none."""


@dataclass(frozen=True)
class Commit:
    """A commit of the repository that `folder` lies in; paths are relative to that folder, wherever it lies in it."""

    folder: Path
    revision: str
    digest: str

    def names(self) -> tuple[str, ...]:
        """The files that the folder held then, in its own order."""
        listed = _git(self.folder, "ls-tree", "-r", "-z", "--name-only", self.digest)
        return tuple(name for name in listed.decode("utf-8", "surrogateescape").split("\0") if name)

    def content(self, name: str) -> bytes:
        """One of these files. Raises InputError where the repository doesn't hold it: none is fetched."""
        try:
            return _git(self.folder, "cat-file", "blob", f"{self.digest}:./{name}")
        except _GitError as error:
            raise InputError(
                Fault(f"git can't give it: {error}", "`git fetch` what is lacking", self.label(name))
            ) from None

    def label(self, name: str) -> str:
        """How git itself names the file."""
        return f"{self.revision}:{name}"


def resolve(folder: Path, revision: str) -> Commit:
    """The commit that `revision` names.

    Raises InputError where git isn't installed, the folder lies in no repository, or the revision isn't known.
    """
    try:
        _git(folder, "rev-parse", "--git-dir")
    except _GitError as error:
        hint = "a date needs none: HOST@2026-11-20"
        raise InputError(Fault(f"'@{revision}' wants a git repository: {error}", hint, folder)) from None
    wrong = revision.startswith("-")
    try:
        digest = "" if wrong else _git(folder, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}").decode()
    except _GitError:
        wrong = True
    if wrong:
        known = _git(folder, "for-each-ref", "--format=%(refname:short)").decode("utf-8", "replace").split()
        hint = f"{nearest(revision, ['HEAD', *known])}; a date is written 2026-11-20"
        raise InputError(Fault(f"git knows no revision '{revision}'", hint, folder))
    return Commit(folder, revision, digest.strip())


class _GitError(Exception):
    """What git said."""


def _git(folder: Path, *arguments: str) -> bytes:
    return _run(("git", "-C", str(folder), *arguments))


def _run(command: Sequence[str]) -> bytes:
    try:
        done = subprocess.run(
            command, capture_output=True, check=False, stdin=subprocess.DEVNULL, env=os.environ | _OFFLINE
        )
    except OSError:
        raise InputError(
            Fault(
                "git isn't installed, and only git can read an earlier revision", "a date needs none: HOST@2026-11-20"
            )
        ) from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise _GitError(said[0].removeprefix("fatal: ") if said else f"git ended with status {done.returncode}")
    return done.stdout
