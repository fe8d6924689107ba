"""Where what was trained is kept, beside the records."""

from __future__ import annotations

from pathlib import Path

from bench.results.record import Record
from bench.results.safe_paths import regular_below

__all__ = ["kept_as", "weights_file", "weights_of"]

_FOLDER = "weights"


def weights_file(folder: Path, suite: str, name: str) -> Path:
    """The file for weights of that name, in a host's `folder` of results."""
    return folder / _FOLDER / suite / f"{name}.keras"


def kept_as(file: Path) -> str:
    """What a record calls a `weights_file`: its path in the host's folder."""
    return Path(*file.parts[-3:]).as_posix()


def weights_of(folder: Path, record: Record) -> Path | None:
    """The file of what `record`, which lies in a host's `folder`, trained; None where it isn't there any more.

    Raises InputError where the record names no file below `folder/weights`, or none that is regular.
    """
    named = record.training.weights if record.training is not None else None
    return None if named is None else regular_below(folder, named, _FOLDER)
