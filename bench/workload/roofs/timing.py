"""A call that a device is kept busy with, made into windows."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from bench.workload.roofs.plan import RoofPlan
from bench.workload.runtime import sync

__all__ = ["windows_of"]


def windows_of(call: Callable[[], Any], work: float, plan: RoofPlan) -> Callable[[], tuple[float, float]]:
    """Windows of whole calls, each of so much `work`, device-synchronised at both ends.

    Settles the call first: its first run compiles it, and libraries choose their kernels.
    """
    began = time.perf_counter()
    lasted = 0.0
    while not lasted or time.perf_counter() - began < plan.settling_seconds:
        started = time.perf_counter()
        call()
        sync()
        lasted = time.perf_counter() - started
    calls = max(1, round(plan.window_seconds / lasted))

    def window() -> tuple[float, float]:
        began = time.perf_counter()
        for _ in range(calls):
            call()
        sync()
        return calls * work, time.perf_counter() - began

    return window
