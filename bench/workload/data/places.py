"""Where a published archive may lie on this machine, packed or unpacked."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.errors import Fault, InputError
from bench.workload.data.archives import ARCHIVES, Archive

__all__ = ["Place", "archive_files", "find", "how_to_get", "keras_cache", "not_found", "places", "shown"]


@dataclass(frozen=True)
class Place:
    """A folder, or an archive file, and what named it."""

    path: Path
    named_by: str

    def __str__(self) -> str:
        return f"{shown(self.path)} ({self.named_by})"


def shown(path: Path) -> str:
    """`path` with the home folder as ~: records and screens that are passed on then carry no user's name."""
    absolute, home = path.absolute(), Path.home()
    within = absolute.is_relative_to(home) and home.parent != home  # some containers' home is the root
    return str(Path("~") / absolute.relative_to(home)) if within else str(absolute)


def keras_cache() -> Path:
    """The folder where Keras keeps data sets: in `KERAS_HOME`, or in ~/.keras, or in /tmp where home is read-only.

    The rules are those of `keras.backend.config` and `keras.utils.get_file` in Keras 3.15.
    """
    if home := os.environ.get("KERAS_HOME"):
        return Path(home).expanduser() / "datasets"
    base = Path.home()
    return (base if os.access(base, os.W_OK) else Path(tempfile.gettempdir())) / ".keras" / "datasets"


def places(data_dir: Path | None) -> tuple[Place, ...]:
    """Where to look, in this order: `data_dir`, the environment's BENCH_DATA_DIR, the Keras cache.

    Raises InputError where one of the first two is not there; the cache may be missing.
    """
    found: dict[Path, Place] = {}
    faults: list[Fault] = []
    for named_by, path in {"--data-dir": data_dir, "BENCH_DATA_DIR": os.environ.get("BENCH_DATA_DIR")}.items():
        if not path:
            continue
        try:
            place = Place(Path(path).expanduser(), named_by)
            place.path.stat()
        except (OSError, RuntimeError) as error:  # no such user's home is a RuntimeError
            what = f"{named_by} {path} can't be read: {getattr(error, 'strerror', None) or error}"
            faults.append(Fault(what, "name a folder or an archive that is there"))
        else:
            found.setdefault(place.path, place)
    if faults:
        raise InputError(*faults)
    found.setdefault(keras_cache(), Place(keras_cache(), "the Keras cache"))
    return tuple(found.values())


def find(archive: Archive, where: tuple[Place, ...]) -> Path | None:
    """The archive file, or else the unpacked folder, in the first place that has it; None if none has.

    In one place the file comes before the folder, since only the file has a checksum. Raises InputError where a place
    can't be read, or holds an unpacked folder with pickles missing.
    """
    for place in where:
        try:
            found = _find_in(archive, place.path)
        except OSError as error:
            raise InputError(Fault(f"can't be read: {error.strerror or error}", file=place.path)) from error
        if found is not None:
            return found
    return None


def not_found(archive: Archive, where: tuple[Place, ...]) -> str:
    """That, and where it was looked for."""
    return f"{archive.name} was not found in {', '.join(map(str, where))}"


def how_to_get(archive: Archive) -> str:
    return f"get it with `bench data fetch {archive.name}`, or say where it is with --data-dir or BENCH_DATA_DIR"


def archive_files(archive: Archive, folder: Path) -> Iterator[Path]:
    """The names that an archive can have in `folder`: its own first, then those that releases of Keras gave it."""
    names = [archive.file, f"{archive.folder}.tar.gz", *(f"{stem}_archive" for stem in _stems(archive))]
    return (folder / name for name in dict.fromkeys(names))


def _find_in(archive: Archive, place: Path) -> Path | None:
    if place.is_file():
        others = (other.file for other in ARCHIVES.values() if other.name != archive.name)
        return None if place.name in others else place
    for file in archive_files(archive, place):
        if file.is_file():
            return file
    partial: Fault | None = None
    for folder in _unpacked_folders(archive, place):
        absent = [member for member in archive.members if not (folder / member).is_file()]
        if not absent:
            return folder
        if len(absent) < len(archive.members) and folder.name == archive.folder:
            what = f"{archive.name} is incomplete: {', '.join(absent)} missing"
            partial = partial or Fault(what, f"delete the folder, then {how_to_get(archive)}", file=folder)
    if partial is not None:
        raise InputError(partial)
    return None


def _unpacked_folders(archive: Archive, place: Path) -> Iterator[Path]:
    yield place
    yield place / archive.folder
    for stem in _stems(archive):
        yield place / stem / archive.folder
        yield place / f"{stem.partition('.')[0]}_extracted" / archive.folder


def _stems(archive: Archive) -> tuple[str, ...]:
    # Keras 3 calls an unpacked archive `-target` or `_extracted` and puts the published folder inside;
    # `get_file(origin=…)` without a name takes the archive's own
    return (archive.folder, f"{archive.folder}-target", archive.file)
