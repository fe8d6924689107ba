"""A training under way on disk, after each of its epochs, so that a killed one goes on from the last."""

from __future__ import annotations

import json
import math
import os
import warnings
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import keras
import numpy as np
from pydantic import Field

from bench.results.record import Epoch
from bench.support.exception_text import exception_text
from bench.support.files import open_regular, writing
from bench.support.frozen import Frozen
from bench.workload.training import variables_of

__all__ = ["Checkpoint", "Saved"]

_NAME = "training.npz"
_MOST_TOLD = 2**23
"""Bytes of what is told of some twenty thousand epochs."""
_ENCRYPTED = 1
"""A bit of a member's flags."""


class _Told(Frozen):
    """What lies beside the arrays."""

    history: Annotated[tuple[Epoch, ...], Field(min_length=1)]
    resumed_after: tuple[int, ...]


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
        if not _fit(variables, self.state) or (self.best is not None and not _fit(model.variables, self.best)):
            return False
        for variable, value in zip(variables, self.state, strict=True):
            variable.assign(value)
        return True


def _fit(variables: Sequence[Any], values: Sequence[np.ndarray]) -> bool:
    now = [variable.numpy() for variable in variables]
    return [(one.shape, one.dtype) for one in now] == [(one.shape, one.dtype) for one in values]


class Checkpoint:
    """One file in `folder`, which is made. Only arrays of numbers and JSON are in it, and nothing else is ever read:
    it may have come from others.

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
        try:
            with writing(self.path) as file:
                np.savez(file, **arrays)
        except OSError as error:
            return f"{self.path}: {error.strerror or error}"
        return None

    def load(self, most: int, warn: Callable[[str], object] = lambda _: None) -> Saved | None:
        """What was kept; None where there is none, and, which `warn` is told, where it is damaged.

        Nothing larger than `most` bytes is read, and no array that is larger than what lies in the file.
        """
        try:
            with os.fdopen(open_regular(self.path), "rb") as file:
                if os.fstat(file.fileno()).st_size > most:
                    raise ValueError(f"larger than the {most:,} bytes that such a training can take")
                return _saved(file)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except Exception as error:  # what reading a damaged archive may raise is nowhere written down
            warn(f"{self.path}: the training that is kept there is damaged, and begins anew ({exception_text(error)})")
            return None


def _saved(file: BinaryIO) -> Saved:
    size = os.fstat(file.fileno()).st_size
    with zipfile.ZipFile(file) as archive:
        members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
        # as they were written: unpacked, so that none becomes larger than it lies there, and none is there twice
        if len(members) != len(archive.infolist()) or sum(info.file_size for info in members.values()) > size:
            raise ValueError("its parts overlap")
        if members["told"].file_size > _MOST_TOLD:
            raise ValueError("it tells of too many epochs")
        told = _Told.model_validate_json(_array(archive, members["told"]).tobytes(), strict=True)
        state, best = (_arrays(archive, members, name) for name in ("state", "best"))
    epochs = len(told.history)
    after = told.resumed_after
    if [one.epoch for one in told.history] != [*range(1, epochs + 1)] or not all(0 < one <= epochs for one in after):
        raise ValueError("its epochs don't follow one another")
    return Saved(told.history, after, state, best or None)


def _arrays(archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo], name: str) -> tuple[np.ndarray, ...]:
    count = sum(key.startswith(name) for key in members)
    return tuple(_array(archive, members[f"{name}{i}"]) for i in range(count))


def _array(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> np.ndarray:
    """An array of numbers, no larger than the archive says and has. Raises whatever is wrong with it."""
    if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & _ENCRYPTED:
        raise ValueError(f"{info.filename} is packed")
    with archive.open(info) as member, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy's, of old headers
        version = np.lib.format.read_magic(member)
        read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}[version]
        shape, by_columns, dtype = read(member)
        left = info.file_size - member.tell()
        if dtype.kind not in "biuf" or min(shape, default=0) < 0 or math.prod(shape) * dtype.itemsize != left:
            raise ValueError(f"{info.filename} is no array of numbers of its size")
        values = np.frombuffer(member.read(), dtype)
    return values.reshape(shape[::-1]).T if by_columns else values.reshape(shape)
