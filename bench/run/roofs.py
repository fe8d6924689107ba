"""This machine's roofs, each measured in a process of its own and kept in its profile as soon as it is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

from bench.errors import Fault, InputError
from bench.host.hardware import Hardware
from bench.host.measured import DataType, Peak
from bench.host.profile import HostProfile
from bench.host.registry import remember
from bench.measure.stats import estimate
from bench.run.executors import LocalExecutor
from bench.run.forkserver import ServerError
from bench.run.machine import Machine
from bench.run.worker import roof_process
from bench.workload.chains import Rate

__all__ = ["RoofObserver", "Roofs", "data_types", "is_noisy", "measure_roofs", "peak_from"]

WINDOWS = 8
NOISY = 0.05
"""An interval wider than this says that something else was running."""
_PATIENCE_SECONDS = 600.0
"""A first answer may take minutes: libraries compile their kernels anew for a card that they don't know."""
_WIDEST = 0.99


class RoofObserver(Protocol):
    """Who is told how it goes."""

    def notice(self, text: str) -> None: ...
    def begins(self, what: str) -> None: ...
    def tried(self, name: str, flops_per_second: float) -> None: ...
    def kept(self, data_type: DataType, peak: Peak) -> None: ...


@dataclass(frozen=True)
class Roofs:
    """What was measured, and the profile that holds it; `failed` says why a data type has no new peak."""

    profile: HostProfile
    measured: tuple[DataType, ...]
    failed: dict[DataType, str]


def measure_roofs(root: Path, here: Machine, executor: LocalExecutor, observer: RoofObserver) -> Roofs:
    """Measure the roofs of this machine, and keep each in its profile as soon as it is there.

    In place of an older one, unless it is a noisy one below that: other work can only lower it. All else in the
    profile stays.
    """
    failed: dict[DataType, str] = {}
    measured: list[DataType] = []
    profile = here.profile
    for data_type in data_types(here.hardware):
        observer.begins(data_type)
        try:
            peak = _peak(executor, (data_type, here.device.kind, WINDOWS), observer.tried)
        except _NoPeakError as error:
            failed[data_type] = str(error)
            observer.notice(f"no {data_type} peak: {error}")
            continue
        older = profile.peaks.get(data_type)
        if older is not None and is_noisy(peak) and peak.flops_per_second < older.flops_per_second:
            failed[data_type] = f"something else was running; the higher one of {older.date} stays"
            observer.notice(f"{data_type}: {failed[data_type]}")
            continue
        profile = profile.model_copy(update={"peaks": {**profile.peaks, data_type: peak}})
        remember(root, profile)
        measured.append(data_type)
        observer.kept(data_type, peak)
    return Roofs(profile, tuple(measured), failed)


def is_noisy(peak: Peak) -> bool:
    """Did its windows differ by more than a quiet machine's do?"""
    return peak.margin > NOISY


def data_types(hardware: Hardware) -> tuple[DataType, ...]:
    """The data types that this hardware multiplies by itself: float16 on tensor cores only."""
    offered: tuple[tuple[DataType, bool], ...] = (
        ("float32", True),
        ("tf32", hardware.supports_tf32),
        ("float16", hardware.supports_float16),
        ("bfloat16", hardware.supports_bfloat16),
    )
    return tuple(data_type for data_type, there in offered if there)


class _NoPeakError(Exception):
    """Why a data type's peak could not be measured."""


def _peak(executor: LocalExecutor, wanted: tuple[DataType, str, int], tried: Callable[[str, float], None]) -> Peak:
    rates: list[Rate] = []
    reasons: list[str] = []
    try:
        child = executor.fork(roof_process, wanted)
        try:
            while (answer := _answer(child.connection)) is not None:
                if isinstance(answer, str):
                    reasons.append(answer)
                    continue
                rates.append(answer)
                tried(answer.chain.name, answer.flops_per_second)
        except (EOFError, ConnectionResetError):
            reasons.append(f"its process died (status {child.wait()})")
        except TimeoutError as error:
            reasons.append(str(error))
        finally:
            child.end()
    except ServerError as error:
        raise InputError(Fault(f"TensorFlow doesn't work here: {error}")) from error
    if not rates:
        raise _NoPeakError("; ".join(reasons) or "nothing was measured")
    best = max(rates, key=lambda rate: rate.flops_per_second)
    return peak_from(best, datetime.now(UTC).date().isoformat())


def peak_from(rate: Rate, date: str) -> Peak:
    """The peak that is `rate`, with the interval of the time that a product took: its ends' inverses."""
    found = estimate(rate.windows)
    margin = min(found.margin, _WIDEST) if found else _WIDEST
    flops = rate.flops_per_second
    return Peak(
        flops_per_second=flops,
        low=flops / (1 + margin),
        high=flops / (1 - margin),
        date=date,
        reached_by=rate.chain.name,
    )


def _answer(connection: Connection, patience_seconds: float = _PATIENCE_SECONDS) -> Rate | str | None:
    if not connection.poll(patience_seconds):
        raise TimeoutError(f"its process gave no sign of life for {patience_seconds:g} s")
    answer: Rate | str | None = connection.recv()
    return answer
