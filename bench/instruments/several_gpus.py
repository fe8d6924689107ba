"""The GPUs of one cell, each with a watch of its own, and what they come to together."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from bench.instruments.nvml import GPU_METRICS, GpuWatch

__all__ = ["GpuWatches"]

Summary = tuple[dict[str, float | None], dict[str, str]]


class GpuWatches:
    """The first `count` GPUs that the cell's process sees, watched as `GpuWatch` watches one; see there.

    Together memory, energy, power and what others hold are sums, utilisation and clocks means, the temperature is the
    highest, and reasons for lower clocks are those of any.
    """

    def __init__(
        self,
        count: int,
        environ: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._each = tuple(GpuWatch(environ=environ, clock=clock, place=place) for place in range(count))
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        for one in self._each:
            self._stack.enter_context(one)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def started(self, pid: int, beside: frozenset[int]) -> None:
        """The cell's process is this; those `beside` it, which take turns with it, count as it does."""
        for one in self._each:
            one.pid, one.beside = pid, beside

    def begin(self) -> None:
        """The measured interval begins now."""
        for one in self._each:
            one.begin()

    def resume(self) -> None:
        """It goes on now."""
        for one in self._each:
            one.resume()

    def end(self) -> None:
        """It ends now."""
        for one in self._each:
            one.end()

    def sample(self) -> None:
        """Time has passed."""
        for one in self._each:
            one.sample()

    def held_back(self) -> tuple[str, ...]:
        """The reasons for which the clocks of any were held back, a power cap aside."""
        return tuple(dict.fromkeys(reason for one in self._each for reason in one.held_back()))

    def by_device(self) -> tuple[Summary, ...]:
        """The interval's figures of each, by metric name, and for each null the reason."""
        return tuple(one.summary() for one in self._each)

    def summary(self) -> Summary:
        """The same of all together: null where one of them has none."""
        return _together(self.by_device())

    def notes(self) -> dict[str, str]:
        """What must be said beside a value that is there, by metric name."""
        if len(self._each) == 1:
            return self._each[0].notes()
        values, _ = self.summary()
        found: dict[str, str] = {}
        for place, one in enumerate(self._each):
            for name, note in one.notes().items():
                if values[name] is not None:
                    found.setdefault(name, f"of GPU:{place}, {note}")
        return found


def _together(each: Sequence[Summary]) -> Summary:
    if len(each) == 1:
        return each[0]
    values: dict[str, float | None] = {}
    reasons: dict[str, str] = {}
    for name in GPU_METRICS:
        own = [one[name] for one, _ in each]
        known = [value for value in own if value is not None]
        if len(known) == len(own):
            values[name] = _FOLDS.get(name, sum)(known)
            continue
        place = own.index(None)
        why = each[place][1][name]
        values[name], reasons[name] = None, why if not known else f"of GPU:{place}: {why}"
    return values, reasons


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _union(masks: Sequence[float]) -> float:
    union = 0
    for mask in masks:
        union |= int(mask)
    return float(union)


_FOLDS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "gpu_utilization": _mean,
    "gpu_sm_clock_hz": _mean,
    "gpu_memory_clock_hz": _mean,
    "gpu_temperature_celsius": max,
    "gpu_throttle_reasons": _union,
}
