"""What is asked of a network before anything runs, and what is answered. No TensorFlow here."""

from __future__ import annotations

from dataclasses import dataclass

from bench.errors import Fault
from bench.suite.names import is_import_path
from bench.suite.options import Options
from bench.suite.recipe import TrainSpec
from bench.suite.spec import DataSpec, ModelSpec

__all__ = ["Complaint", "Elements", "Images", "Size", "Subject"]


@dataclass(frozen=True)
class Images:
    """Images of `shape` (H, W, C), of so many `classes`."""

    shape: tuple[int, int, int]
    classes: int


@dataclass(frozen=True)
class Elements:
    """What a pipeline of the user's own gives, in batches of that size."""

    data: DataSpec
    batch_size: int


@dataclass(frozen=True)
class Subject:
    """A network and what it takes, under a variant's options, trained by `train`.

    `folder` is the suite's, for import paths and files of weights.
    """

    model: ModelSpec
    takes: Images | Elements
    options: Options
    train: TrainSpec | None
    folder: str

    @property
    def is_own_and_timed(self) -> bool:
        """Is it a network of the user's own that isn't trained, so that its cell alone suffers from what is wrong?"""
        return self.train is None and is_import_path(self.model.network)


@dataclass(frozen=True)
class Size:
    """Trainable and other parameters of a network, and multiply-adds of an image trained (None: they can't be
    determined)."""

    trainable_params: int
    non_trainable_params: int
    training_macs: int | None


@dataclass(frozen=True)
class Complaint:
    """What is wrong with a network: each fault with the way to the key, in the suite's model of this name, that asks
    for it: `("freeze",)`, `("train", "phases", 1, "freeze")` …"""

    model: str
    faults: tuple[tuple[tuple[str | int, ...], Fault], ...]
