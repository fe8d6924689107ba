"""Many bundles taken into a working tree: one that can't be taken costs itself alone.

They are read and checked side by side, and kept one after another, in the order in which they lie.
"""

from __future__ import annotations

import errno
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, Literal

from bench.bundle.check import BundleError, checked_files, manifest_of
from bench.bundle.form import Manifest
from bench.bundle.found import Found, Looked, Submitted, files_in, look
from bench.bundle.keep import COLLECTED, Staged, is_kept, keep, staged
from bench.errors import Fault, InputError
from bench.support.side_by_side import side_by_side

__all__ = ["Collected", "Outcome", "State", "collect"]

State = Literal["taken", "known", "refused"]
_HIDDEN: Final = ".incoming-"
_OF_THE_DISK: Final = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO))
"""What the next bundle would meet as well."""


@dataclass(frozen=True)
class Outcome:
    """What became of one bundle: `known` is one whose content was taken before; `why` is for one that is refused.

    `records` are those that it holds, `new_lines` the lines of journals that weren't there yet.
    """

    where: str
    state: State
    team: str | None = None
    digest: str | None = None
    records: int = 0
    new_lines: int = 0
    why: str = ""


@dataclass
class Collected:
    """What became of each bundle, in the order in which they were found, and how many other files there were."""

    outcomes: list[Outcome] = field(default_factory=list)
    looked: Looked = field(default_factory=Looked)

    def of(self, state: State) -> list[Outcome]:
        """Those bundles of which this became."""
        return [one for one in self.outcomes if one.state == state]

    def twice(self) -> dict[str, list[Outcome]]:
        """The bundles of each team of which several came, of unlike content."""
        by_team: dict[str, dict[str, Outcome]] = {}
        for one in self.outcomes:
            if one.team is not None and one.digest is not None and one.state != "refused":
                by_team.setdefault(one.team, {}).setdefault(one.digest, one)
        return {team: list(found.values()) for team, found in by_team.items() if len(found) > 1}


def collect(
    root: Path,
    paths: Iterable[Path],
    tell: Callable[[Outcome], object] = lambda _: None,
    collected: Collected | None = None,
) -> Collected:
    """Take every bundle under `paths` into the tree at `root`; `tell` is told of each, and `collected` added to.

    Raises InputError where a path isn't there, and where the tree can't be written to; what was taken by then stays.
    """
    found = collected if collected is not None else Collected()
    with _staging(root) as folder:
        for of_file in side_by_side(partial(_read, root, folder), files_in(paths)):
            found.looked.add(of_file.looked)
            for one in of_file.bundles:
                outcome = _taken(root, one)
                shutil.rmtree(one.folder, ignore_errors=True)
                found.outcomes.append(outcome)
                tell(outcome)
    return found


@contextmanager
def _staging(root: Path) -> Iterator[Path]:
    """A folder in the tree, so that files are moved from it and not copied. Raises InputError."""
    try:
        found = tempfile.TemporaryDirectory(prefix=_HIDDEN, dir=root)
    except OSError as error:
        raise _unwritable(error, root) from error
    with found as folder:
        yield Path(folder)


def _unwritable(error: OSError, root: Path) -> InputError:
    hint = "make room, or the folder writable, and give the same command again: what was taken stays"
    return InputError(Fault(f"can't be written ({error.strerror or error})", hint, error.filename or root))


@dataclass(frozen=True)
class _Bundle:
    """A bundle that was read and checked, its files staged in a `folder` of their own; or `why` it isn't taken."""

    where: str
    folder: Path
    manifest: Manifest | None = None
    files: Staged = field(default_factory=dict)
    records: int = 0
    why: str = ""
    unwritten: OSError | None = None
    """What the disk refused."""


@dataclass
class _Read:
    """What is in one file."""

    looked: Looked = field(default_factory=Looked)
    bundles: list[_Bundle] = field(default_factory=list)


def _read(root: Path, folder: Path, file: Submitted) -> _Read:
    """Look for bundles in a file, and stage what they hold in a folder of `folder` of their own."""
    found = _Read()
    for one in look(file, found.looked):
        found.bundles.append(_checked(root, Path(tempfile.mkdtemp(dir=folder)), one))
    return found


def _checked(root: Path, folder: Path, found: Found) -> _Bundle:
    if found.archive is None:
        return _Bundle(found.where, folder, why=found.why)
    manifest: Manifest | None = None
    try:
        manifest = manifest_of(found)
        if is_kept(root, manifest):
            for _ in checked_files(found, manifest):  # it may have been changed since, and kept its manifest
                pass
            return _Bundle(found.where, folder, manifest)
        files, records = staged(checked_files(found, manifest), folder)
    except BundleError as error:
        return _Bundle(found.where, folder, manifest, why=str(error))
    except OSError as error:
        return _Bundle(found.where, folder, manifest, unwritten=error)
    return _Bundle(found.where, folder, manifest, files, records)


def _taken(root: Path, found: _Bundle) -> Outcome:
    manifest = found.manifest
    if manifest is None or found.why:
        return _refused(found, found.why)
    try:
        if found.unwritten is not None:
            raise found.unwritten
        _check_team(root, str(manifest.team))
        if is_kept(root, manifest):
            return Outcome(found.where, "known", manifest.team, manifest.digest)
        if not found.records:
            raise BundleError("it holds no record")
        new = keep(root, manifest, found.files)
    except BundleError as error:
        return _refused(found, str(error))
    except OSError as error:
        if error.errno not in _OF_THE_DISK:
            return _refused(found, f"can't be kept ({error.strerror or error})")
        raise _unwritable(error, root) from error
    return Outcome(found.where, "taken", manifest.team, manifest.digest, found.records, new)


def _refused(found: _Bundle, why: str) -> Outcome:
    manifest = found.manifest
    team, digest = (manifest.team, manifest.digest) if manifest is not None else (None, None)
    return Outcome(found.where, "refused", team, digest, why=why)


def _check_team(root: Path, team: str) -> None:
    """Raise `BundleError` where another team's name differs in case alone: some disks would make one of the two."""
    folder = root / COLLECTED
    others = [path.name for path in folder.iterdir() if path.name != team] if folder.is_dir() else []
    if any(other.casefold() == team.casefold() for other in others):
        raise BundleError(f"there is a team already whose name differs from '{team}' in upper and lower case alone")
