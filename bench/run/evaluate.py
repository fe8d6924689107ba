"""What was trained, loaded again and judged on the test images."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.analyse.repeats import repeats
from bench.errors import Fault, InputError
from bench.results.query import identity
from bench.results.record import DataInfo, Record
from bench.results.stored_weights import weights_of
from bench.run.compose import data_key
from bench.run.data import stored_data
from bench.run.executors import LocalExecutor
from bench.run.scratch import scratch_folder
from bench.run.worker import evaluate_process
from bench.suite.names import is_import_path
from bench.suite.options import Options
from bench.suite.spec import DataSpec

__all__ = ["Average", "Evaluated", "averages", "evaluate_records"]


@dataclass(frozen=True)
class Evaluated:
    """A record's weights judged anew: `loss` and `accuracy` (0..1) over all of `data`'s test images.

    The loss is cross-entropy; None of a network of the user's own, which may have been trained with another.
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
    root: Path, records: Sequence[Record], *, data_dir: Path | None, strict: bool, folder: Path
) -> Iterator[Evaluated]:
    """Judge the kept weights of each record, in a process of its own; import paths and CSV files are looked up in
    `folder`, which was the suite's.

    Raises InputError where a record has no weights, they aren't there, or its data has no test images.
    """
    files = [_weights(root, record) for record in records]
    with LocalExecutor() as executor, scratch_folder() as scratch:
        infos: dict[str, DataInfo] = {}
        folders: dict[str, Path] = {}
        for record, weights in zip(records, files, strict=True):
            spec = DataSpec.model_validate(record.data_spec)
            key = data_key(spec)  # seeds share their data
            if key not in infos:
                folders[key] = scratch / str(len(folders))
                infos[key] = stored_data(executor, spec, data_dir, strict, folder, folders[key])
            info, stored = infos[key], folders[key]
            if not info.test_images:
                raise InputError(Fault(f"{info.name} has no test images to judge {record.cell} on"))
            network = str(record.workload["model"]["network"])
            own = network if is_import_path(network) else None
            wanted = (weights, stored, Options.model_validate(record.options), own, folder)
            loss, accuracy = executor.ask(f"{weights.name} can't be judged", evaluate_process, wanted)
            yield Evaluated(record, info, loss if own is None else None, accuracy)


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


def _weights(root: Path, record: Record) -> Path:
    weights = weights_of(root, record)
    hint = "`bench run SUITE --set train.keep_weights=true` keeps them"
    if weights is None:
        why = record.absent.get("weights")
        raise InputError(Fault(f"{record.cell}: what was trained was not kept" + (f": {why}" if why else ""), hint))
    if not weights.is_file():
        raise InputError(Fault(f"what {record.cell} trained is not there any more", hint, weights))
    return weights
