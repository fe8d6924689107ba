"""The GPU seen from outside: NVML, polled by the process that waits for the cell."""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal, Self

from bench.instruments.gpu_processes import foreign, process_memory
from bench.system.nvml import SLOWED, Device, GpuProcess, Reading, open_nvml

__all__ = ["GPU_METRICS", "GpuWatch", "Sample", "reason_names"]

GPU_METRICS = (
    "peak_gpu_nvml_bytes",
    "peak_gpu_process_bytes",
    "gpu_utilization",
    "gpu_power_watts",
    "gpu_energy_joules",
    "gpu_sm_clock_hz",
    "gpu_memory_clock_hz",
    "gpu_temperature_celsius",
    "gpu_throttle_reasons",
    "foreign_gpu_processes",
    "foreign_gpu_memory_bytes",
)
"""The names that `GpuWatch.summary` gives, each either a value or a reason."""

_IDLE = 0x1
_EVENT_REASONS = {
    0x2: "application clocks",
    0x4: "power cap",
    0x8: "hardware slowdown",
    0x10: "sync boost",
    0x20: "software thermal slowdown",
    0x40: "hardware thermal slowdown",
    0x80: "power brake",
    0x100: "display clocks",
}


@dataclass(frozen=True)
class Sample:
    """One look at the GPU, at `at` seconds of the watch's clock."""

    at: float
    memory_used_bytes: Reading[int]
    processes: Reading[tuple[GpuProcess, ...]]
    utilization: Reading[float]
    power_watts: Reading[float]
    sm_clock_hz: Reading[float]
    memory_clock_hz: Reading[float]
    temperature_celsius: Reading[float]
    event_reasons: Reading[int]


class GpuWatch:
    """Watches the GPU of one cell; to be held and polled by the parent process, never by the measured one.

    Cost: no code runs in the measured process. In the parent a sample is ten or so driver calls, 20 to 35 µs of Python
    and ctypes altogether, and opening is 10 ms, both measured on the tests' stand-in for the driver's library: on a
    GPU the driver's own time to answer comes on top.

        with GpuWatch(pid=worker.pid) as watch:
            ...                 # the cell says that its windows begin
            watch.begin()
            while waiting(0.25):
                watch.sample()
            watch.end()
            values, reasons = watch.summary()

    Only what lies between `begin` and `end` counts. `environ` is the cell's environment (null: this one's), whose
    `CUDA_VISIBLE_DEVICES` says which GPUs the cell sees, and `place` which of them to watch; `clock` gives seconds. To
    be opened before the cell's process starts: what is on the card by then is not the cell. Processes `beside` the
    cell's, which take turns with it, are not foreign.
    """

    def __init__(
        self,
        pid: int | None = None,
        environ: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.monotonic,
        place: int = 0,
    ) -> None:
        self.pid = pid
        self.beside: frozenset[int] = frozenset()
        self._environ = environ
        self._clock = clock
        self._place = place
        self._stack = contextlib.ExitStack()
        self._device: Reading[Device] = Reading(None, "the GPU was not watched")
        self._before: Reading[tuple[GpuProcess, ...]] = Reading(None)
        self._spans: list[_Span] = []
        self._state: Literal["waiting", "measuring", "ended"] = "waiting"

    def __enter__(self) -> Self:
        self._device = self._stack.enter_context(open_nvml()).at(self._place, self._environ)
        if self._device.value is not None:
            self._before = self._device.value.processes()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def begin(self) -> None:
        """The measured interval begins now; what was seen before it is dropped."""
        self._spans = []
        self.resume()

    def resume(self) -> None:
        """It goes on now: what lies between an `end` and this doesn't count."""
        self._spans.append(_Span(self._energy_counter()))
        self._state = "measuring"
        self.sample()

    def end(self) -> None:
        """The measured interval ends now, if one had begun."""
        if self._state == "measuring":
            self._spans[-1].energy_after = self._energy_counter()
            self.sample()
            self._state = "ended"

    def held_back(self) -> tuple[str, ...]:
        """The reasons for which the clocks were held back since the last `begin` or `resume`, a power cap aside."""
        mask = _union([one.event_reasons.value or 0 for one in self._spans[-1].samples]) if self._spans else 0
        return reason_names(mask & SLOWED)

    def _energy_counter(self) -> Reading[float]:
        return self._device.value.energy_joules() if self._device.value is not None else Reading(None)

    def sample(self) -> Sample | None:
        """Look at the GPU, and keep what is seen if the interval has begun. None where there is no GPU to look at."""
        gpu = self._device.value
        if gpu is None:
            return None
        sample = Sample(
            at=self._clock(),
            memory_used_bytes=gpu.memory_used_bytes(),
            processes=gpu.processes(),
            utilization=gpu.utilization(),
            power_watts=gpu.power_watts(),
            sm_clock_hz=gpu.sm_clock_hz(),
            memory_clock_hz=gpu.memory_clock_hz(),
            temperature_celsius=gpu.temperature_celsius(),
            event_reasons=gpu.event_reasons(),
        )
        if self._state == "measuring":
            self._spans[-1].samples.append(sample)
        return sample

    def summary(self) -> tuple[dict[str, float | None], dict[str, str]]:
        """The interval's figures by metric name, and for each null the reason.

        `peak_gpu_nvml_bytes` is the most that all processes together held of the GPU (with TensorFlow's default, nearly
        all of it), `peak_gpu_process_bytes` what the cell's own held. Utilization and clocks are means over the samples
        after the first, since a reading looks back; power is the mean over time; temperature is the highest;
        `gpu_throttle_reasons` is every bit seen but idle; for foreign processes see `bench.instruments.gpu_processes`.
        A spike between two samples is missed.
        """
        readings = {name: reading for name, (reading, _) in self._figures().items()}
        values = {name: reading.value for name, reading in readings.items()}
        reasons = {name: reading.reason or "unknown" for name, reading in readings.items() if reading.value is None}
        return values, reasons

    def notes(self) -> dict[str, str]:
        """What must be said beside a value that is there, by metric name: energy that was integrated from power."""
        return {name: note for name, (_, note) in self._figures().items() if note is not None}

    def _figures(self) -> dict[str, tuple[Reading[float], str | None]]:
        if self._device.value is None:
            return dict.fromkeys(GPU_METRICS, (Reading(None, self._device.reason), None))
        seen = [sample for span in self._spans for sample in span.samples]
        if not seen:
            return dict.fromkeys(GPU_METRICS, (Reading(None, "the cell did not come to its windows"), None))
        later = [sample for span in self._spans for sample in span.samples[1:]] or seen
        power = _power([span.samples for span in self._spans])
        # a cell in this very process may have been on the card before it began
        before = self._before if self.pid != os.getpid() else Reading[tuple[GpuProcess, ...]](None)
        others = foreign(self.pid, before, [sample.processes for sample in seen], self.beside)
        energy, note = self._energy(power)
        figures: dict[str, Reading[float]] = {
            "peak_gpu_nvml_bytes": _over(seen, "memory_used_bytes", max),
            "peak_gpu_process_bytes": _folded(
                [process_memory(sample.processes, self.pid or 0) for sample in seen], max
            ),
            "gpu_utilization": _over(later, "utilization", _mean),
            "gpu_power_watts": power.then(lambda curve: curve.mean),
            "gpu_energy_joules": energy,
            "gpu_sm_clock_hz": _over(later, "sm_clock_hz", _mean),
            "gpu_memory_clock_hz": _over(later, "memory_clock_hz", _mean),
            "gpu_temperature_celsius": _over(seen, "temperature_celsius", max),
            "gpu_throttle_reasons": _over(seen, "event_reasons", _union),
            "foreign_gpu_processes": others.then(lambda found: float(len(found))),
            "foreign_gpu_memory_bytes": _memory(others),
        }
        return {name: (reading, note if name == "gpu_energy_joules" else None) for name, reading in figures.items()}

    def _energy(self, power: Reading[_PowerCurve]) -> tuple[Reading[float], str | None]:
        if self._state != "ended":
            return Reading(None, "the cell's windows did not end"), None
        counted = [span.energy for span in self._spans]
        joules = sum(one.value for one in counted if one.value is not None)
        if joules > 0 and all(one.value is not None for one in counted):
            return Reading(joules), None
        why = next((one.reason for one in counted if one.reason), None) or "the energy counter stood still"
        curve = power.value
        if curve is None or not curve.whole:
            return Reading(None, f"{why}; and power was not read throughout"), None
        return Reading(curve.joules), f"integrated from {curve.readings} power readings, for want of a counter ({why})"


@dataclass
class _Span:
    """What was seen from a `begin` or `resume` to the `end` after it."""

    energy_before: Reading[float]
    energy_after: Reading[float] = field(default_factory=lambda: Reading(None))
    samples: list[Sample] = field(default_factory=list)

    @property
    def energy(self) -> Reading[float]:
        before, after = self.energy_before, self.energy_after
        if before.value is None or after.value is None:
            return Reading(None, before.reason or after.reason)
        return Reading(max(0.0, after.value - before.value))


def reason_names(mask: float) -> tuple[str, ...]:
    """The clocks' event reasons of a bit mask in words, idle left out.

    >>> reason_names(0x25)
    ('power cap', 'software thermal slowdown')
    """
    bits = [1 << i for i in range(int(mask).bit_length()) if int(mask) >> i & 1]
    return tuple(_EVENT_REASONS.get(bit, f"reason {bit:#x}") for bit in bits if bit != _IDLE)


@dataclass(frozen=True)
class _PowerCurve:
    """Power over time: `joules` by the trapezoid rule, and the `mean` in watts; `whole` if it spans the interval."""

    joules: float
    mean: float
    readings: int
    whole: bool


def _power(spans: Sequence[Sequence[Sample]]) -> Reading[_PowerCurve]:
    joules = seconds = 0.0
    readings, last, whole = 0, None, True
    for samples in spans:
        points = [(s.at, s.power_watts.value) for s in samples if s.power_watts.value is not None]
        whole = whole and bool(points) and points[0][0] == samples[0].at and points[-1][0] == samples[-1].at
        joules += sum((t1 - t0) * (p0 + p1) / 2 for (t0, p0), (t1, p1) in itertools.pairwise(points))
        seconds += points[-1][0] - points[0][0] if points else 0.0
        readings, last = readings + len(points), points[-1][1] if points else last
    if last is None:
        return Reading(None, spans[-1][-1].power_watts.reason)
    mean = joules / seconds if seconds > 0 else last
    return Reading(_PowerCurve(joules, mean, readings, whole and seconds > 0))


def _over(samples: Sequence[Sample], field: str, fold: Callable[[list[Any]], float]) -> Reading[float]:
    return _folded([getattr(sample, field) for sample in samples], fold)


def _folded(readings: Sequence[Reading[Any]], fold: Callable[[list[Any]], float]) -> Reading[float]:
    values = [reading.value for reading in readings if reading.value is not None]
    return Reading(float(fold(values))) if values else Reading(None, readings[-1].reason)


def _memory(processes: Reading[tuple[GpuProcess, ...]]) -> Reading[float]:
    """What processes hold together; absent where that isn't known of each."""
    if processes.value is None:
        return Reading(None, processes.reason)
    held = [one.memory_bytes for one in processes.value]
    if None in held:
        return Reading(None, "NVML does not give a process's memory here")
    return Reading(float(sum(bytes_ or 0 for bytes_ in held)))


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def _union(masks: list[int]) -> int:
    union = 0
    for mask in masks:
        union |= mask & ~_IDLE
    return union
