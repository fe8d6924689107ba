"""Where a training under way is kept, and what it gave."""

from __future__ import annotations

import glob
import shutil
from dataclasses import dataclass
from pathlib import Path

from bench.results.stored_weights import weights_file
from bench.suite.cells import Cell

__all__ = ["TrainingPlaces", "forget", "training_places"]

_DIGITS = 16
"""Of a fingerprint."""


@dataclass(frozen=True)
class TrainingPlaces:
    """`checkpoint` is the folder of a training under way, `weights` the file for what was trained."""

    checkpoint: Path
    weights: Path


def training_places(results: Path, cell: Cell, fingerprint: str) -> TrainingPlaces:
    """Those of `cell` in a folder of `results`; what would learn something else, by its accuracy fingerprint, has
    others."""
    name = f"{cell.id.replace('/', '_')}-{fingerprint}"
    return TrainingPlaces(results / "checkpoints" / cell.suite / name, weights_file(results, cell.suite, name))


def forget(checkpoint: Path) -> None:
    """Drop a training that is over, or to begin anew, and those of the same cell by other recipes: nothing goes on with
    them. Folders that are empty then go too."""
    cell, _, _ = checkpoint.name.rpartition("-")
    for folder in checkpoint.parent.glob(f"{glob.escape(cell)}-{'[0-9a-f]' * _DIGITS}"):
        shutil.rmtree(folder, ignore_errors=True)
    for folder in (checkpoint.parent, checkpoint.parent.parent):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
