"""Fetches a published archive, checked, and whole or not at all."""

from __future__ import annotations

import hashlib
import http.client
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO

from bench.errors import Fault, InputError, nearest
from bench.workload.data.archives import ARCHIVES, Archive, Archives
from bench.workload.data.cifar import md5_of
from bench.workload.data.places import archive_files, keras_cache, shown

__all__ = ["fetch"]

Progress = Callable[[int, int], None]
"""Called with the bytes that have come and the bytes that there are."""

_NETWORK_ERRORS = (urllib.error.URLError, TimeoutError, ConnectionError, http.client.HTTPException)
_CHUNK = 2**18
_TIMEOUT_SECONDS = 30.0  # without a byte


def fetch(name: str, to: Path | None, progress: Progress | None = None, *, archives: Archives = ARCHIVES) -> Path:
    """The path of the archive of `name` in the folder `to`, by default the Keras cache, downloaded if need be.

    A good one that is there is kept, and `progress` never called. A download gets its name only once its MD5 is right.
    Raises InputError for names that have no archive, a folder that can't be written, and a download that fails.
    """
    archive = _archive(name, archives)
    folder = (to or keras_cache()).expanduser()
    try:
        for file in archive_files(archive, folder):
            if file.is_file() and md5_of(file) == archive.md5:
                return file
        return _download(archive, folder, progress or (lambda _done, _total: None))
    except (OSError, http.client.HTTPException) as error:
        raise InputError(_failure(archive, folder, error)) from error


def _archive(name: str, archives: Archives) -> Archive:
    if name in archives:
        return archives[name]
    if name in ("digits", "synthetic"):
        raise InputError(Fault(f"{name} needs no fetching", "it is always there"))
    raise InputError(Fault(f"there is no data set '{name}' to fetch", nearest(name, archives)))


def _download(archive: Archive, folder: Path, progress: Progress) -> Path:
    with urllib.request.urlopen(archive.url, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310  the address is our own
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=f".{archive.file}.", delete=False) as part:
            temporary = Path(part.name)
            try:
                _receive(archive, answer, part, progress)
                temporary.chmod(0o644)
                return temporary.replace(folder / archive.file)
            finally:
                temporary.unlink(missing_ok=True)


def _receive(archive: Archive, answer: http.client.HTTPResponse, part: IO[bytes], progress: Progress) -> None:
    md5 = hashlib.md5(usedforsecurity=False)
    arrived = 0
    total = answer.length or archive.size
    while chunk := answer.read(_CHUNK):
        part.write(chunk)
        md5.update(chunk)
        arrived += len(chunk)
        progress(arrived, total)
    part.flush()
    if md5.hexdigest() != archive.md5:
        what = f"{archive.url} gave {arrived:,} bytes with the MD5 {md5.hexdigest()}, not {archive.md5}"
        raise InputError(Fault(what, "the connection broke off, or something else answered: try again"))


def _failure(archive: Archive, folder: Path, error: Exception) -> Fault:
    if isinstance(error, _NETWORK_ERRORS):
        reason = error.reason if type(error) is urllib.error.URLError else error
        hint = f"fetch that by any other means, and put it into {shown(folder)} or name its place with --data-dir"
        return Fault(f"{archive.name} can't be fetched from {archive.url}: {reason}", hint)
    return Fault(f"can't be written: {error}", "name another folder with --to", file=folder)
