"""Many bundles taken into a working tree, one after another: one that can't be taken costs itself alone."""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from bench.bundle.check import BundleError, checked_files, manifest_of
from bench.bundle.form import Manifest
from bench.bundle.found import Found, Looked, look
from bench.bundle.keep import COLLECTED, is_kept, keep, staged
from bench.errors import Fault, InputError

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
    for one in look(paths, found.looked):
        outcome = _taken(root, one)
        found.outcomes.append(outcome)
        tell(outcome)
    return found


def _taken(root: Path, found: Found) -> Outcome:
    if found.archive is None:
        return Outcome(found.where, "refused", why=found.why)
    manifest: Manifest | None = None
    try:
        manifest = manifest_of(found)
        _check_team(root, str(manifest.team))
        if is_kept(root, manifest):
            return Outcome(found.where, "known", manifest.team, manifest.digest)
        return _kept(root, found, manifest)
    except BundleError as error:
        return _refused(found, manifest, str(error))
    except OSError as error:
        if error.errno not in _OF_THE_DISK:
            return _refused(found, manifest, f"can't be kept ({error.strerror or error})")
        hint = "make room, or the folder writable, and give the same command again: what was taken stays"
        raise InputError(
            Fault(f"can't be written ({error.strerror or error})", hint, error.filename or root)
        ) from error


def _refused(found: Found, manifest: Manifest | None, why: str) -> Outcome:
    team, digest = (manifest.team, manifest.digest) if manifest is not None else (None, None)
    return Outcome(found.where, "refused", team, digest, why=why)


def _check_team(root: Path, team: str) -> None:
    """Raise `BundleError` where another team's name differs in case alone: some disks would make one of the two."""
    folder = root / COLLECTED
    others = [path.name for path in folder.iterdir() if path.name != team] if folder.is_dir() else []
    if any(other.casefold() == team.casefold() for other in others):
        raise BundleError(f"there is a team already whose name differs from '{team}' in upper and lower case alone")


def _kept(root: Path, found: Found, manifest: Manifest) -> Outcome:
    # within the tree, so that files are moved and not copied
    with tempfile.TemporaryDirectory(prefix=_HIDDEN, dir=root) as folder:
        files, records = staged(checked_files(found, manifest), Path(folder))
        if not records:
            raise BundleError("it holds no record")
        new = keep(root, manifest, files)
    return Outcome(found.where, "taken", manifest.team, manifest.digest, records, new)
