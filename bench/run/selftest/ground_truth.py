"""Cells whose step time is known beforehand, measured in the ordinary way."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.analyse.selftest.ground_truth import REFERENCE, Known
from bench.results.record import Record
from bench.run.job import Progress
from bench.run.plan import Planned
from bench.run.prepare import Request, prepared
from bench.run.process.executors import LocalExecutor
from bench.run.process.scratch import scratch_folder
from bench.run.single_cell import SingleCellRunner
from bench.suite.cells import Cell, Suite
from bench.suite.options import Options
from bench.suite.spec import DataSpec, ModelSpec, Protocol, Variant
from bench.workload.ground_truth_waits import FOLDER_VARIABLE, read_waits

__all__ = ["SelfTestError", "measure_known"]

_CALM, _LOADED = 0.120, 0.480
"""The longest wait, in seconds: long enough that what the framework costs beside it, and how that varies, is small.
Where others are at work it varies by milliseconds."""

_DATA = DataSpec(name="synthetic", shape=(8, 8, 1), classes=10, images=2_000, test_images=100)
_BATCH = 32
_PROTOCOL = Protocol(precision=0.003, min_seconds=2.0, max_seconds=6.0, eval_images=0)

_CELLS: tuple[tuple[str, float, float, int], ...] = (
    ("empty", 0, 0, 0),
    (REFERENCE, 1 / 2, 0, 0),
    ("step", 1, 0, 0),
    ("data", 0, 1, 0),
    ("both", 5 / 8, 3 / 8, 0),
    ("both, prefetched, longer step", 3 / 4, 3 / 8, 2),
    ("both, prefetched, longer data", 3 / 8, 3 / 4, 2),
)
"""Name, wait of the step and of the data as shares of the longest, batches prefetched."""


class SelfTestError(Exception):
    """A cell of the self-test didn't end well: nothing can be said of this machine."""


def measure_known(loaded: bool, say: Callable[[str], None], notice: Callable[[str], None]) -> tuple[Known, ...]:
    """Measure every cell of known step time; `say` is told which is at work. `loaded`: others are at work as well.

    Each is measured as every cell is that has no other beside it. Raises InputError where TensorFlow doesn't work, and
    `SelfTestError` where one of them fails.
    """
    longest = _LOADED if loaded else _CALM
    cells = {name: _cell(step * longest, data * longest, prefetch) for name, step, data, prefetch in _CELLS}
    suite = Suite(
        name="selftest",
        data=_DATA,
        models=tuple({cell.model.name: cell.model for cell in cells.values()}.values()),
        variants=tuple({cell.variant.name: cell.variant for cell in cells.values()}.values()),
        protocol=_PROTOCOL,
    )
    with scratch_folder() as root, scratch_folder() as waits:
        before = os.environ.get(FOLDER_VARIABLE)
        os.environ[FOLDER_VARIABLE] = str(waits)
        try:
            observer = _Observer(waits, list(cells), say, notice)
            request = Request(suite, tuple(cells.values()), root, idle_power=False)
            with prepared(request, LocalExecutor(), notice) as ready:
                runner = SingleCellRunner(request, ready.executor, observer, ready, journal=None)
                for one in ready.planned:
                    runner.measure(one)
        finally:
            if before is None:
                del os.environ[FOLDER_VARIABLE]
            else:
                os.environ[FOLDER_VARIABLE] = before
    return tuple(observer.found)


def _cell(step: float, data: float, prefetch: int) -> Cell:
    options: dict[str, Any] = {"pixels": "float32", "shuffle": "none", "prefetch": prefetch}
    options["batch_map"] = f"bench.workload.ground_truth:wait_{round(data * 1e6)}us"
    microseconds = round(step * 1e6)
    variant = Variant(name=f"wait-{round(data * 1e6)}us-prefetch-{prefetch}", options=Options(**options))
    model = ModelSpec(
        name=f"wait-{microseconds}us", network="bench.workload.ground_truth:build", args={"microseconds": microseconds}
    )
    return Cell(
        id=f"{model.name}/{variant.name}/b{_BATCH}",
        suite="selftest",
        folder=".",
        data=_DATA,
        model=model,
        variant=variant,
        batch_size=_BATCH,
        seed=0,
        protocol=_PROTOCOL,
        train=None,
    )


@dataclass
class _Observer:
    """Takes down what each cell's waits really took, as the cell ends."""

    waits: Path
    names: list[str]
    say: Callable[[str], None]
    notice: Callable[[str], None]

    def __post_init__(self) -> None:
        self.found: list[Known] = []

    def cell_begins(self, _: Planned) -> None:
        self.say(f"known step time {len(self.found) + 1} of {len(self.names)}: {self.names[len(self.found)]}")

    def cell_says(self, word: Progress) -> None:
        """Nothing to say."""

    def cell_ends(self, record: Record) -> None:
        if not record.ok:
            message = record.failure.message if record.failure else "no message"
            raise SelfTestError(f"a cell of known step time ended as {record.status.replace('_', ' ')}: {message}")
        # the windows' steps are the last ones; the pipeline may be ahead of them by what it prefetches
        steps = sum(window.steps for window in record.windows)
        step, data = (read_waits(self.waits, kind)[-steps - 1 :] for kind in ("step", "pipeline"))
        for file in self.waits.iterdir():
            file.unlink()
        known = Known(
            name=self.names[len(self.found)],
            step=statistics.fmean(end - begin for begin, end in step),
            data=statistics.fmean(end - begin for begin, end in data),
            prefetched=record.options.prefetch != 0,
            period=(step[-1][0] - step[0][0]) / (len(step) - 1),
            windows=record.windows,
        )
        self.found.append(known)
