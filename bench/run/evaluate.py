"""Training, loaded again and judged on the test images."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.analyse.training.seeds import repeats
from bench.errors import Fault, InputError, gathered
from bench.results.query import identity
from bench.results.record import DataInfo, Record
from bench.run.compose import data_key
from bench.run.job import DataRequest
from bench.run.process.executors import LocalExecutor
from bench.run.process.scratch import scratch_folder
from bench.run.process.worker import Judging, confined_store_process, evaluate_process
from bench.run.rebuilt import rebuilt

__all__ = ["Average", "Evaluated", "averages", "evaluate_records"]


@dataclass(frozen=True)
class Evaluated:
    """A record's weights judged anew: `loss` and `accuracy` (0..1) over all of `data`'s test images.

    The loss is cross-entropy; None where it is no number, and of a network of the user's own, which may have been
    trained with another.
    """

    record: Record
    data: DataInfo
    loss: float | None
    accuracy: float

    @property
    def same_data(self) -> bool:
        """Are these the very images that it was trained with?"""
        return self.record.data is not None and self.record.data.digest == self.data.digest


def evaluate_records(
    records: Sequence[tuple[Record, Path]], *, data_dir: Path | None, strict: bool, folder: Path | None
) -> Iterator[Evaluated]:
    """Judge the kept weights of each record, which comes with the file that it lies in, in a process of its own.

    Nothing that a record names is run: see `bench.run.rebuilt`. `folder` is where the suite lies whose own code may be;
    None: then there is none. Raises InputError where a record has no weights, they aren't there or don't fit, or its
    data has no test images.
    """
    every = gathered(partial(rebuilt, record, file.parent, folder) for record, file in records)
    with LocalExecutor() as executor, scratch_folder() as scratch:
        stored: dict[str, tuple[DataInfo, Path]] = {}
        for one in every:
            key = data_key(one.data)  # seeds share their data
            if key not in stored:
                to = scratch / str(len(stored))
                request = DataRequest(one.data, data_dir, strict, one.folder or Path(), to, one.record.batch_size)
                asked = executor.ask(f"{one.data.name} can't be loaded", confined_store_process, (request, one.folder))
                stored[key] = asked, to
            info, data = stored[key]
            _check_data(one.record, info)
            judging = Judging(one.weights, data, one.model, one.options, one.folder, scratch)
            loss, accuracy = executor.ask(f"{one.weights.name} can't be judged", evaluate_process, judging)
            known = math.isfinite(loss) and not one.own_network
            yield Evaluated(one.record, info, loss if known else None, accuracy)


def _check_data(record: Record, info: DataInfo) -> None:
    """Raises InputError where these images can't be what the record's network takes."""
    if not info.test_images:
        raise InputError(Fault(f"{info.name} has no test images to judge {record.cell} on"))
    then = record.data
    if then is not None and (then.shape, then.classes) != (info.shape, info.classes):
        before, now = (f"{'×'.join(map(str, one.shape or ()))} in {one.classes} classes" for one in (then, info))
        what = f"{record.cell} was trained on images of {before}, and those of {info.name} are {now}"
        raise InputError(Fault(what, "give the data that it was trained on"))


@dataclass(frozen=True)
class Average:
    """The accuracies of a cell's seeds: their mean, and their standard deviation where there are several."""

    cell: str
    records: int
    accuracy: float
    deviation: float | None


def averages(found: Sequence[Evaluated]) -> tuple[Average, ...]:
    """One for each cell; a seed that was trained with other settings than the newest counts in none."""
    shares = {identity(one.record): one.accuracy for one in found}
    cells = repeats(one.record for one in found)
    return tuple(_average(cell.name, [shares[identity(record)] for record in cell.records]) for cell in cells)


def _average(cell: str, shares: Sequence[float]) -> Average:
    deviation = statistics.stdev(shares) if len(shares) > 1 else None
    return Average(cell, len(shares), statistics.fmean(shares), deviation)
