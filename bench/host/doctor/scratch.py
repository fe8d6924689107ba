"""Where runs lay what they need only for a while: the temporary folder, and memory that processes share."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Final

from bench.host.doctor.check import Check
from bench.host.doctor.sizes import size

__all__ = ["CACHED_BYTES", "STORED_BYTES", "shared_check", "temporary_check", "temporary_folder"]

STORED_BYTES: Final = 256 * 2**20
"""What a run lays into the temporary folder: CIFAR-100 is 184 MB once it is decoded."""

CACHED_BYTES: Final = 2 * 2**30
"""With the option `cache: file` or `source: tfrecord`: CIFAR-100's pixels are 1.2 GB as float64."""


def temporary_folder() -> Path | None:
    """The folder that runs will use; None where none can be written."""
    try:
        return Path(tempfile.gettempdir())
    except FileNotFoundError:
        return None


def temporary_check(folder: Path | None, root: Path = Path("/")) -> Check:
    """Is there a temporary folder, and room in it?"""
    what = "machine: temporary files"
    if folder is None:
        mend = 'mkdir -p "$HOME/tmp" && export TMPDIR="$HOME/tmp"'
        return Check(what, "broken", "no folder for them can be written, and every run lays its data there", mend)
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Check(what, "unknown", f"{folder} can't be looked at: {error.strerror or error}")
    memory = ", which is memory" if _file_system(folder, root) in ("tmpfs", "ramfs") else ""
    text, elsewhere = f"{folder}{memory}, {size(free)} free", "export TMPDIR=/a/folder/with/room"
    if free < STORED_BYTES:
        return Check(what, "broken", f"{text}; a run lays up to {size(STORED_BYTES)} of images there", elsewhere)
    if free < CACHED_BYTES:
        text += f"; variants with cache: file or source: tfrecord take up to {size(CACHED_BYTES)}"
        return Check(what, "limited", text, elsewhere)
    return Check(what, "fine", text)


def shared_check(root: Path = Path("/")) -> Check:
    """Is there memory that processes share? Python's locks lie there, and batches that a user's own loaders pass on."""
    what, folder = "machine: shared memory", root / "dev/shm"
    try:
        return Check(what, "fine", f"{size(shutil.disk_usage(folder).total)} at {Path('/') / folder.relative_to(root)}")
    except OSError:
        text = "there is none at /dev/shm: data sets of your own can't pass anything between processes"
        return Check(what, "limited", text, "sudo mkdir -p /dev/shm && sudo mount -t tmpfs tmpfs /dev/shm")


def _file_system(folder: Path, root: Path) -> str:
    """The type of the file system that `folder` lies on, as proc(5) gives it: mount point, ` - `, type."""
    found: dict[Path, str] = {}
    try:
        lines = (root / "proc/self/mountinfo").read_text(errors="replace").splitlines()
    except OSError:
        return ""
    for line in lines:
        head, _, tail = line.partition(" - ")
        if len(words := head.split()) > 4 and tail:
            found[Path(words[4])] = tail.split()[0]
    absolute = folder.absolute()
    return next((found[place] for place in (absolute, *absolute.parents) if place in found), "")
