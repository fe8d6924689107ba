import tempfile
import time
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from bench.results.pair import Pair
from bench.run.interleaved.pairs import PairPlan, measure_pair
from bench.run.job import Job
from bench.run.prepare import Request, prepared
from bench.run.process.executors import LocalExecutor
from bench.suite.cells import Cell, Suite
from bench.suite.options import Options
from bench.suite.spec import DataSpec, ModelSpec, Protocol, TrainSpec, Variant
from bench.workload.data import load, store
from tests.run.watching import Looking, Watch, becomes, stopped, ticks

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
    def make(folder, network="tiny_models:dense", train=None, timeout=120.0, batch_size=16, args=None, **options):
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


class Hears:
    """Takes down what an interleaved measurement says."""

    def __init__(self):
        self.rounds, self.stages = [], []

    def round_begins(self, number):
        self.rounds.append(number)

    def cell_says(self, cell, word):
        self.stages.append((cell, word.stage))

    def round_ends(self, number, ratio):
        self.rounds.append((number, ratio))


@pytest.fixture
def hears():
    return Hears()


NAPS = Suite(
    name="naps",
    folder=str(Path(__file__).parent),
    data=DATA,
    models=(ModelSpec(name="tiny", network="tiny_models:dense"),),
    variants=tuple(
        Variant(name=name, options=Options(batch_map=f"napping:{name}", prefetch=0))
        for name in ("nap_20ms", "nap_50ms", "missing")
    ),
    batch_sizes=(16,),
    protocol=Protocol(**QUICK),
)


@pytest.fixture(scope="session")
def ready(executor, tmp_path_factory):
    """Cells whose batches take 20 and 50 ms of made-up time, and one that can't be had."""
    request = Request(NAPS, NAPS.cells(), tmp_path_factory.mktemp("tree"))
    with prepared(request, executor, lambda _: None) as found:
        yield found


@dataclass
class Planted:
    """A pair, who watched it, whether the processes took no processor time while they were stopped, what was said."""

    pair: Pair
    watch: Watch
    idle: list[bool]
    heard: Hears


@pytest.fixture(scope="session")
def planted(executor, ready):
    """Three rounds of a cell and one with slower batches."""
    watch, heard, idle = Watch(executor), Hears(), []

    def look():
        both = watch.pids[-2:]
        assert all(becomes(partial(stopped, pid)) for pid in both)
        then = [ticks(pid) for pid in both]
        time.sleep(0.03)
        idle.append([ticks(pid) for pid in both] == then)

    plan = PairPlan(min_rounds=3, max_rounds=3, turns=Looking(min_turns=6, min_seconds=0, max_seconds=0, look=look))
    with watch:
        pair = measure_pair(replace(ready, executor=watch), *ready.planned[:2], plan, heard)
    return Planted(pair, watch, idle, heard)
