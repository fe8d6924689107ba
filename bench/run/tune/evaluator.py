"""Candidates measured interleaved with the baseline, as the search asks for it."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bench.analyse.stats.process_times import ProcessTime, process_times
from bench.analyse.tune.search import Evaluation
from bench.analyse.tune.surrogate import Sample
from bench.results.record import Record
from bench.run.interleaved.groups import GroupPlan, GroupRun
from bench.run.interleaved.memory import fits_in_memory
from bench.run.plan import Planned
from bench.run.prepare import Prepared

__all__ = ["Evaluator", "example_times"]


@dataclass
class Evaluator:
    """Measures candidates by name; `planned` has their cells, the one named `baseline` among them.

    Each call is a group of fresh processes, whose records `runs` keeps, in the run of the name `run`. A candidate whose
    process holds more than `max_bytes` counts as failed: of the GPU's memory where that computes, else of main memory.
    """

    ready: Prepared
    runs: GroupRun
    planned: Mapping[str, Planned]
    baseline: str
    run: str
    max_bytes: float | None = None
    round: int = 0
    _seeds: random.Random = field(init=False)
    _held: float | None = None

    def __post_init__(self) -> None:
        self._seeds = random.Random(self.run)  # noqa: S311 - to be drawn again, and no secret

    def __call__(self, names: Sequence[str], seconds: float) -> Evaluation:
        """See `bench.analyse.tune.search`."""
        began, before = self.ready.executor.clock(), len(self.runs.records)
        cells, interrupted = [self.planned[self.baseline], *(self.planned[name] for name in names)], False
        try:
            self.measure(cells, seconds)
        except KeyboardInterrupt:  # what was measured by then is kept
            interrupted = True
        new = self.runs.records[before:]
        self._held = max(filter(None, (self._held, *map(self._bytes, new))), default=None)
        failed = {one.variant: why for one in new if (why := self._failure(one)) is not None}
        samples = tuple(Sample(time.cell[3], self.round, time.log, time.variance) for time in example_times(new))
        return Evaluation(
            tuple(one for one in samples if one.candidate not in failed),
            failed,
            self.ready.executor.clock() - began,
            len(new),
            interrupted,
        )

    def measure(self, cells: Sequence[Planned], seconds: float) -> list[Record]:
        """The records of a group of these `cells`, the first of which is the baseline. On Ctrl-C KeyboardInterrupt
        passes through, and `runs` has what was measured."""
        self.round += 1
        gpu = self.ready.setting.device.kind == "gpu"
        plan = GroupPlan(
            run=self.run,
            round=max(1, self.round),
            group=self.round,
            seed=self._seeds.getrandbits(32),
            seconds=seconds,
            room=fits_in_memory(len(cells), self._held, gpu),
        )
        before = len(self.runs.records)
        # whole: a process tells what it held, and what its start took
        self.runs.measure(cells, frozenset(one.cell.id for one in cells), plan)
        return self.runs.records[before:]

    def _failure(self, record: Record) -> str | None:
        if record.failure is not None:
            return f"{record.status.replace('_', ' ')} in {record.failure.stage}: {record.failure.message}"
        held = self._bytes(record)
        if self.max_bytes is not None and held is not None and held > self.max_bytes:
            return f"it took {held / 2**20:,.0f} MiB of memory, above the limit of {self.max_bytes / 2**20:,.0f} MiB"
        return None

    def _bytes(self, record: Record) -> float | None:
        gpu = self.ready.setting.device.kind == "gpu"
        return record.values.get("peak_gpu_allocator_bytes" if gpu else "peak_resident_bytes")


def example_times(records: Sequence[Record]) -> tuple[ProcessTime, ...]:
    """What `bench.analyse.stats.process_times.process_times` gives, for an example in place of a step: cells of several
    batch sizes compare by it."""
    return tuple(replace(one, log=one.log - math.log(one.cell[4])) for one in process_times(records))
