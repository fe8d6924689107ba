"""Where what was trained is kept, beside the records."""

from __future__ import annotations

from pathlib import Path

from bench.results.record import Record

__all__ = ["kept_as", "weights_file", "weights_of"]

_FOLDER = "weights"


def weights_file(folder: Path, suite: str, name: str) -> Path:
    """The file for weights of that name, in a host's `folder` of results."""
    return folder / _FOLDER / suite / f"{name}.keras"


def kept_as(file: Path) -> str:
    """What a record calls a `weights_file`: its path in the host's folder."""
    return Path(*file.parts[-3:]).as_posix()


def weights_of(root: Path, record: Record) -> Path | None:
    """The file of what `record` trained; None where it wasn't kept. Whether it is still there is another matter."""
    if record.training is None or record.training.weights is None:
        return None
    return root / "results" / record.host / record.training.weights
