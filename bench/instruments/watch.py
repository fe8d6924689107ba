"""All that looks at a cell from outside, held as one."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from bench.instruments.load import LoadWatch
from bench.instruments.several_gpus import GpuWatches

__all__ = ["OF_OTHERS", "CellWatch"]

OF_OTHERS = (
    "foreign_cpu_share",
    "cpu_steal_share",
    "cgroup_throttled_seconds",
    "cpu_thermal_throttles",
    "gpu_throttle_reasons",
    "foreign_gpu_processes",
    "foreign_gpu_memory_bytes",
)
"""Of the names that `CellWatch.summary` gives those that tell of disturbances, and not of the cell."""

_TAKEN_SHARE = 0.1
_LEAST_TAKEN_SECONDS = 0.05
"""A tick that falls to the wrong side is 10 ms on each processor."""


class CellWatch:
    """The GPUs' and the processors' watch of one cell; see `GpuWatch` and `LoadWatch`, which say what they cost.

    `environ` and `clock` are the GPU's watch's, of the first `devices` GPUs that the cell sees. Without `processors`
    only GPUs are watched: windows that were recorded before say nothing of the processors now. To be opened before the
    cell's process starts: what is on the card by then is not the cell.
    """

    def __init__(
        self,
        environ: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.monotonic,
        processors: bool = True,
        devices: int = 1,
    ) -> None:
        self._gpu, self._load = GpuWatches(devices, environ, clock), LoadWatch() if processors else None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._stack.enter_context(self._gpu)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def started(self, pid: int, *beside: int) -> None:
        """The cell's process is this; those `beside` it, which take turns with it, count as it does."""
        self._gpu.started(pid, frozenset(beside))
        if self._load is not None:
            self._load.pid, self._load.beside = pid, frozenset(beside)

    def begin(self) -> None:
        """The measured interval begins now; what was seen before it is dropped."""
        self._gpu.begin()  # first, as at the end: its energy counter is to span the interval and nothing else
        if self._load is not None:
            self._load.begin()

    def resume(self) -> None:
        """It goes on now, after an `end`."""
        self._gpu.resume()
        if self._load is not None:
            self._load.resume()

    def disturbance(self) -> str | None:
        """What disturbed the cell between the last `begin` or `resume` and the `end` after it, in words; None where
        nothing that is seen from outside did. How long its steps took is no evidence."""
        if held_back := self._gpu.held_back():
            return f"the GPU's clocks were held back: {', '.join(held_back)}"
        if self._load is None:
            return None
        others, stolen, total = self._load.taken()
        least = max(_LEAST_TAKEN_SECONDS, _TAKEN_SHARE * total)
        if others > least:
            return "other processes were at work"
        if stolen > least:
            return "the hypervisor gave processors to other machines"
        return None

    def sample(self) -> None:
        """Time has passed."""
        self._gpu.sample()

    def end(self) -> None:
        """The measured interval ends now."""
        self._gpu.end()
        if self._load is not None:
            self._load.end()

    def summary(self) -> tuple[dict[str, float | None], dict[str, str]]:
        """The interval's figures by metric name, and for each null the reason."""
        gpu, gpu_reasons = self._gpu.summary()
        load, load_reasons = ({}, {}) if self._load is None else self._load.summary()
        return gpu | load, gpu_reasons | load_reasons

    def by_device(self) -> tuple[tuple[dict[str, float | None], dict[str, str]], ...]:
        """The figures of each GPU by itself, as `summary` gives those of all."""
        return self._gpu.by_device()

    def notes(self) -> dict[str, str]:
        """What must be said beside a value that is there, by metric name."""
        return self._gpu.notes()
