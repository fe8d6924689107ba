"""What a cell is fed: batches to train on and to judge by, from stored arrays or from the user's own pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Protocol

import tensorflow as tf

from bench.results.record import DataInfo
from bench.suite.cells import Cell
from bench.suite.options import Options
from bench.workload.data import DataSet, Split, open_stored
from bench.workload.data.stored import stored_info
from bench.workload.own_pipeline import OwnPipeline
from bench.workload.pipeline import evaluation_pipeline, one_hot_width, training_pipeline

__all__ = ["CellData", "Part", "open_data"]

Part = Literal["train", "held_out", "test"]


class CellData(Protocol):
    """The data of one cell. `info` is what its record says of it; `resident` are images that `source: device` keeps on
    the device.

    `steps` are the whole batches of an epoch, None where that isn't known. `training` gives endless batches, `filled`
    ones with their cache full, of which the first `skip` are left out; `scratch` is an empty folder of its own.
    `judging` gives batches of a part, in order and once, no more than `most` examples' worth (None: all), and how many
    examples these are; None where there are none.
    """

    info: DataInfo

    @property
    def resident(self) -> Split | None: ...
    @property
    def steps(self) -> int | None: ...
    def training(self, scratch: Path, *, skip: int = 0, filled: bool = False) -> tf.data.Dataset: ...
    def judging(self, part: Part, most: int | None = None) -> tuple[tf.data.Dataset, int] | None: ...


def open_data(cell: Cell, options: Options, stored: Path) -> CellData:
    """The data of `cell` under its settled `options`; `stored` is the folder of its stored data set."""
    if cell.data.pipeline is not None:
        return OwnPipeline(cell.data, options, cell.batch_size, cell.seed, Path(cell.folder), stored_info(stored))
    return ArrayData(open_stored(stored), cell, options)


class ArrayData:
    """Images and labels in arrays, fed by the pipeline that the options ask for."""

    def __init__(self, data: DataSet, cell: Cell, options: Options) -> None:
        self._data, self._cell, self._options = data, cell, options
        self.info = data.info
        self._hot: int | None = None

    @property
    def resident(self) -> Split | None:
        """The images that are trained on."""
        return self._data.train

    @property
    def steps(self) -> int:
        """Whole batches of an epoch."""
        return len(self._data.train) // self._cell.batch_size

    def training(self, scratch: Path, *, skip: int = 0, filled: bool = False) -> tf.data.Dataset:
        """See `bench.workload.pipeline.training_pipeline`."""
        cell = self._cell
        scratch.mkdir()
        dataset = training_pipeline(
            self._data.train, self._options, cell.batch_size, cell.seed, scratch, Path(cell.folder), skip, filled
        )
        self._hot = one_hot_width(dataset.element_spec)
        return dataset

    def judging(self, part: Part, most: int | None = None) -> tuple[tf.data.Dataset, int] | None:
        """See `bench.workload.pipeline.evaluation_pipeline`; labels are as in the batches that were trained on."""
        split: Split = getattr(self._data, part)
        split = split if most is None else split[:most]
        if not len(split):
            return None
        return evaluation_pipeline(split, self._options, self._cell.batch_size, self._hot), len(split)
