"""A training under way on disk, after each of its epochs, so that a killed one goes on from the last."""

from __future__ import annotations

import json
import os
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from bench.results.record import Epoch
from bench.workload.training import variables_of

__all__ = ["Checkpoint", "Saved"]

_NAME = "training.npz"


@dataclass(frozen=True)
class Saved:
    """What is known of an interrupted training: its epochs, after which ones it had gone on before, and its arrays."""

    history: tuple[Epoch, ...]
    resumed_after: tuple[int, ...]
    state: tuple[np.ndarray, ...]
    best: tuple[np.ndarray, ...] | None

    def restore(self, model: keras.Model) -> bool:
        """Put all back that training changes. False, and nothing changed, where `model` has other variables."""
        variables = variables_of(model)
        if [tuple(v.shape) for v in variables] != [value.shape for value in self.state]:
            return False
        for variable, value in zip(variables, self.state, strict=True):
            variable.assign(value)
        return True


class Checkpoint:
    """One file in `folder`, which is made. Only arrays of numbers and JSON are in it, and nothing else is ever read.

    A kill at any moment leaves the file of the epoch before, or that of this one. Costs the time of writing weights and
    optimizer, after each epoch and outside of what is timed.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / _NAME

    def save(
        self,
        model: keras.Model,
        history: tuple[Epoch, ...],
        resumed_after: tuple[int, ...],
        best: list[Any] | None,
    ) -> str | None:
        """Keep the state of `model` after its newest epoch; gives why that failed, and None where it didn't."""
        told = {"history": [epoch.model_dump(mode="json") for epoch in history], "resumed_after": list(resumed_after)}
        arrays = {f"state{i}": variable.numpy() for i, variable in enumerate(variables_of(model))}
        arrays |= {f"best{i}": value for i, value in enumerate(best or ())}
        arrays["told"] = np.frombuffer(json.dumps(told).encode(), np.uint8)
        beside = self.path.with_suffix(".new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with beside.open("wb") as file:
                np.savez(file, **arrays)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self.path)
        except OSError as error:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
            return f"{self.path}: {error.strerror or error}"
        return None

    def load(self) -> Saved | None:
        """What was kept; None where there is none that can be read."""
        try:
            with self.path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                told = json.loads(arrays["told"].tobytes())
                state, best = (_arrays(arrays, name) for name in ("state", "best"))
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
            return None
        history = tuple(Epoch.model_validate(epoch) for epoch in told["history"])
        return Saved(history, tuple(told["resumed_after"]), state, best or None) if history else None


def _arrays(archive: Any, name: str) -> tuple[np.ndarray, ...]:
    count = sum(key.startswith(name) for key in archive.files)
    return tuple(archive[f"{name}{i}"] for i in range(count))
