"""The GPU's energy from lap to lap, read by the process that waits for the cell."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from bench.system.nvml import Device, Reading, open_nvml

__all__ = ["EnergyMeter"]


class EnergyMeter:
    """What the first `count` GPUs take together between two calls of `lap`: each by its counter, else integrated from
    its power.

    The counter is the driver's (millijoules since it was loaded; Volta and later). Where there is none, or it stands
    still, power between `sample`s counts, by the trapezoid rule. Costs a driver call a sample, two a lap, and nothing
    in the measured process.

        with EnergyMeter() as meter:
            meter.lap()
            ...                      # meter.sample() a few times a second
            joules = meter.lap()
    """

    def __init__(
        self,
        environ: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.monotonic,
        count: int = 1,
    ) -> None:
        self._cards = tuple(_CardMeter(place, environ, clock) for place in range(count))
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        for card in self._cards:
            self._stack.enter_context(card)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def sample(self) -> None:
        """Time has passed."""
        for card in self._cards:
            card.sample()

    def lap(self) -> Reading[float]:
        """Joules since the last lap, or why they aren't known; the first lap gives none."""
        laps = [card.lap() for card in self._cards]
        lacking = next((lap for lap in laps if lap.value is None), None)
        return lacking or Reading(sum(lap.value or 0.0 for lap in laps))


class _CardMeter:
    """One of the GPUs."""

    def __init__(self, place: int, environ: Mapping[str, str] | None, clock: Callable[[], float]) -> None:
        self._place, self._environ, self._clock = place, environ, clock
        self._stack = ExitStack()
        self._device: Reading[Device] = Reading(None, "the GPU was not watched")
        self._counter: Reading[float] = Reading(None)
        self._power: tuple[float, float] | None = None
        self._integrated: float | None = None
        self._lacking: str | None = None

    def __enter__(self) -> Self:
        self._device = self._stack.enter_context(open_nvml()).at(self._place, self._environ)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def sample(self) -> None:
        """Time has passed."""
        if self._device.value is None:
            return
        power, now = self._device.value.power_watts(), self._clock()
        if power.value is None:
            self._integrated, self._power, self._lacking = None, None, power.reason
            return
        if self._power is not None and self._integrated is not None:
            then, watts = self._power
            self._integrated += (now - then) * (watts + power.value) / 2
        self._power = now, power.value

    def lap(self) -> Reading[float]:
        """Joules since the last lap, or why they aren't known; the first lap gives none."""
        if self._device.value is None:
            return Reading(None, self._device.reason)
        self.sample()
        before, self._counter = self._counter, self._device.value.energy_joules()
        integrated, self._integrated = self._integrated, 0.0 if self._power is not None else None
        if before.value is not None and self._counter.value is not None and self._counter.value > before.value:
            return Reading(self._counter.value - before.value)
        if integrated is None:
            return Reading(None, self._lacking or before.reason or "the first lap")
        return Reading(integrated)
