import tempfile
import time
from functools import partial
from pathlib import Path

import pytest

from bench.run.executors import LocalExecutor
from bench.run.job import Job
from bench.suite.options import Options
from bench.suite.spec import Cell, DataSpec, ModelSpec, Protocol, TrainSpec, Variant
from bench.workload.data import load, store

QUICK = {
    "precision": 0.9,
    "max_seconds": 0.4,
    "min_windows": 3,
    "min_seconds": 0,
    "window_seconds": 0.02,
    "warmup_seconds": 0,
}
DATA = DataSpec(name="synthetic", shape=(24, 24, 3), classes=5, images=400, test_images=10)


@pytest.fixture(scope="session")
def executor():
    with LocalExecutor() as running:
        yield running


@pytest.fixture(scope="session")
def stored(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stored") / "data"
    store(load(DATA, data_dir=None, strict=False, folder=Path()), folder)
    return folder


@pytest.fixture(scope="session")
def device_kind(executor):
    return executor.probe().kind


@pytest.fixture(scope="session")
def make_job(stored, device_kind):
    def make(folder, network="simple_cnn", train=None, timeout=120.0, batch_size=16, args=None, **options):
        settled = Options(**options)
        cell = Cell(
            id=f"{network}/tried/b{batch_size}",
            suite="tests",
            folder=str(Path(__file__).parent),
            data=DATA,
            model=ModelSpec(name="tried", network=network, args=args or {}),
            variant=Variant(name="tried", options=settled),
            batch_size=batch_size,
            seed=0,
            protocol=Protocol(**QUICK, timeout_seconds=timeout),
            train=TrainSpec(epochs=train) if train else None,
        )
        scratch = Path(tempfile.mkdtemp(dir=folder))
        return Job(cell, settled, device_kind, stored, scratch, folder / "logs" / "cell.log", time.perf_counter())

    return make


@pytest.fixture
def job(make_job, tmp_path):
    return partial(make_job, tmp_path)
