"""Results as they were committed: read through the git command line, the working tree untouched."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from bench.errors import Fault, InputError, nearest
from bench.results.reading import unreadable
from bench.support.files import too_large

__all__ = ["Commit", "resolve"]

_OFFLINE = {"GIT_ALLOW_PROTOCOL": "", "GIT_NO_LAZY_FETCH": "1"}
"""A repository that lacks objects can say where git shall fetch them, and by which program: it fetches none."""
_WITHOUT = "a date needs none: HOST@2026-11-20"
_SAYS_NOTHING = "Needed a single revision"


@dataclass(frozen=True)
class Commit:
    """A commit of the repository that `folder` lies in; paths are relative to that folder, wherever it lies in it.

    `notices` are what git warned of when it looked for the commit.
    """

    folder: Path
    revision: str
    digest: str
    notices: tuple[str, ...] = ()

    def names(self) -> tuple[str, ...]:
        """The files that the folder held then, in its own order. Raises InputError where git can't read the commit."""
        listed = self._read(self.revision, "ls-tree", "-r", "-z", "--name-only", self.digest)
        return tuple(name for name in listed.decode("utf-8", "surrogateescape").split("\0") if name)

    def content(self, name: str, most: int) -> bytes:
        """One of these files, of at most `most` bytes.

        Raises InputError where git can't read it, and UnreadableError where it is larger: that is asked for first, for
        git may keep terabytes of zeros in next to nothing.
        """
        what, blob = self.label(name), f"{self.digest}:./{name}"
        if int(self._read(what, "cat-file", "-s", blob)) > most:
            raise unreadable(what, too_large(most))
        return self._read(what, "cat-file", "blob", blob)

    def label(self, name: str) -> str:
        """How git itself names the file."""
        return f"{self.revision}:{name}"

    def _read(self, what: str, *arguments: str) -> bytes:
        try:
            return _git(self.folder, *arguments)[0]
        except _GitError as error:
            hint = (
                "; ".join(error.lines[1:])
                or f"git -C {quote(str(self.folder))} fsck  # names what is damaged or missing"
            )
            raise InputError(Fault(f"git can't read '{what}': {error.lines[0]}", hint, self.folder)) from None


def resolve(folder: Path, revision: str) -> Commit:
    """The commit that `revision` names.

    Raises InputError where git isn't installed, the folder lies in no repository that git would read, or the revision
    isn't known: with all that git says of it.
    """
    try:
        _git(folder, "rev-parse", "--git-dir")
    except _GitError as error:
        hint = "; ".join(error.lines[1:]) or _WITHOUT
        raise InputError(Fault(f"'@{revision}' wants a git repository: {error.lines[0]}", hint, folder)) from None
    if revision.startswith("-"):
        raise InputError(_unknown(folder, revision, ()))
    try:
        digest, warnings = _git(folder, "rev-parse", "--verify", f"{revision}^{{commit}}")
    except _GitError as error:
        raise InputError(_unknown(folder, revision, error.lines)) from None
    return Commit(folder, revision, digest.decode().strip(), tuple(f"git: {line}" for line in warnings))


def _unknown(folder: Path, revision: str, said: Sequence[str]) -> Fault:
    """That there is no such commit, and why: git's own words, where it has any, and what else can be found out."""
    told = [line for line in said if line != _SAYS_NOTHING]
    told += _near(folder, revision)
    if _asked(folder, "rev-parse", "--is-shallow-repository") == "true":
        told.append(f"the clone is shallow: git -C {quote(str(folder))} fetch --unshallow  # gets the earlier commits")
    else:
        told.append("a date is written 2026-11-20")
    return Fault(f"git knows no revision '{revision}'", "; ".join(told), folder)


def _near(folder: Path, revision: str) -> list[str]:
    """What there is near it: as many commits, or other names."""
    refs = _asked(folder, "for-each-ref", "--format=%(refname:short)").split()
    others = [nearest(revision, ["HEAD", *refs]) if refs else "it has no commit yet"]
    if revision.startswith("-"):  # git would take it for an option
        return others
    beginning = re.split(r"[~^@:]", revision)[0] or "HEAD"
    try:
        count = _git(folder, "rev-list", "--count", beginning, "--")[0].decode().strip()
    except _GitError as error:
        damage = [line for line in error.lines if not line.startswith("bad revision")]
        return damage or others
    return [f"{beginning} has {count} commit{'' if count == '1' else 's'}"]


def _asked(folder: Path, *arguments: str) -> str:
    """What git answers; nothing where it fails."""
    try:
        return _git(folder, *arguments)[0].decode("utf-8", "replace").strip()
    except _GitError:
        return ""


class _GitError(Exception):
    """What git said, line by line: its hints, too."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("; ".join(lines))


def _git(folder: Path, *arguments: str) -> tuple[bytes, tuple[str, ...]]:
    """Its output, and what it warned of. Raises _GitError, and InputError where there is no git."""
    # in one language, so that its words can be read; and never waiting for someone to type a password
    environment = os.environ | _OFFLINE | {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"}
    command = ("git", "-C", str(folder), *arguments)
    try:
        done = subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL, env=environment)
    except OSError:
        raise InputError(Fault("git isn't installed, and only git can read an earlier revision", _WITHOUT)) from None
    lines = _lines(done.stderr)
    if done.returncode:
        raise _GitError(lines or [f"git ended with status {done.returncode}"])
    return done.stdout, tuple(lines)


def _lines(stderr: bytes) -> list[str]:
    """What it says, without its prefixes, and with a command on the line that leads to it."""
    lines: list[str] = []
    for text in stderr.decode("utf-8", "replace").splitlines():
        line = re.sub(r"^(fatal|error|warning|hint): ?", "", text.strip()).removesuffix(".")
        if line and lines and lines[-1].endswith(":"):
            lines[-1] += f" {line}"
        elif line:
            lines.append(line)
    return lines
