"""What a bundle holds, put into a working tree: each file in its place, each line once."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from bench.bundle.check import Checked
from bench.bundle.form import MANIFEST, Manifest, member
from bench.results.journal import results_of
from bench.results.locked import Lock, locked
from bench.results.merged import lines_of
from bench.results.torn import set_aside
from bench.support.files import keep_within, read_regular, write_whole

__all__ = ["COLLECTED", "Staged", "bundle_folder", "is_kept", "keep", "staged"]

COLLECTED: Final = "collected"
"""Of a working tree: what came with each bundle beside its results, by team and digest."""
_MOST_JOURNAL_BYTES: Final = 2**28

Staged = dict[str, Path]


def bundle_folder(root: Path, manifest: Manifest) -> Path:
    """Where that is kept that came with a bundle beside its results."""
    return root / COLLECTED / str(manifest.team) / manifest.digest


def is_kept(root: Path, manifest: Manifest) -> bool:
    """Has this very content been taken before?"""
    return (bundle_folder(root, manifest) / MANIFEST).is_file()


def staged(files: Iterable[Checked], folder: Path) -> tuple[Staged, int]:
    """The files, written into an empty `folder` one after another, and how many records they hold."""
    found: Staged = {}
    records = 0
    for number, one in enumerate(files):
        found[one.name] = folder / str(number)
        found[one.name].write_bytes(one.content)
        records += one.records
    return found, records


def keep(root: Path, manifest: Manifest, files: Staged) -> int:
    """Put the staged files of a checked bundle into the tree; gives how many lines were new.

    Results first and the manifest last: one that is cut off is taken again, and gives the same. Raises OSError.
    """
    team = str(manifest.team)
    folder = bundle_folder(root, manifest)
    new = 0
    for name, staged_at in files.items():
        of = member(name)
        assert of is not None
        if of.kind in ("suite", "figure", "profile", "calibration"):
            _move(staged_at, folder / name, root)
            continue
        inner = Path(*Path(name).parts[3 if of.team is not None else 2 :])
        path = results_of(root, str(of.host), team) / inner
        if of.kind in ("records", "pairs"):
            new += _merge(staged_at, path, root)
        else:
            _move(staged_at, path, root)
    for name in files:
        of = member(name)
        path = root / name
        if of is not None and of.kind == "profile" and not os.path.lexists(path):
            keep_within(path, root)
            write_whole(path, (folder / name).read_bytes(), sync=False)
    write_whole(folder / MANIFEST, manifest.content, sync=False)
    return new


def _move(staged_at: Path, path: Path, root: Path) -> None:
    keep_within(path, root)
    path.parent.mkdir(parents=True, exist_ok=True)
    keep_within(path, root)
    shutil.move(staged_at, path)


def _merge(staged_at: Path, path: Path, root: Path) -> int:
    """Add those lines to the journal at `path` that it hasn't yet; gives how many."""
    keep_within(path, root)
    theirs = lines_of(staged_at.read_bytes())
    if not os.path.lexists(path):
        _move(staged_at, path, root)
        return sum(1 for line in theirs if line.strip())
    with locked(path, os.O_RDWR, Lock.EXCLUSIVE) as (fd, _):
        set_aside(path, fd)
        ours = read_regular(path, _MOST_JOURNAL_BYTES)
        known = {line.strip() for line in lines_of(ours)}
        fresh = [line for line in theirs if line.strip() and line.strip() not in known]
        if fresh:
            write_whole(path, ours + b"".join(line + b"\n" for line in fresh), sync=False)
    return len(fresh)
