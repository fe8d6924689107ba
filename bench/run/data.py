"""A data set made ready for the processes that take it."""

from __future__ import annotations

from pathlib import Path

from bench.results.record import DataInfo
from bench.run.executors import Executor
from bench.suite.names import is_import_path
from bench.suite.spec import DataSpec
from bench.workload.data import load, store

__all__ = ["stored_data"]


def stored_data(
    executor: Executor, spec: DataSpec, data_dir: Path | None, strict: bool, folder: Path, to: Path
) -> DataInfo:
    """Load the data set of `spec` and store it at `to`; one of the user's own in a process of its own.

    Import paths and CSV files are looked up in `folder`. Raises InputError.
    """
    if is_import_path(spec.name):
        return executor.load_own(spec, data_dir, strict, folder, to)
    data = load(spec, data_dir=data_dir, strict=strict, folder=folder)
    store(data, to)
    return data.info
