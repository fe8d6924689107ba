"""A call that a device is kept busy with, made into windows."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

from bench.workload.roofs.plan import RoofPlan
from bench.workload.runtime import sync

__all__ = ["windows_of"]


def windows_of(call: Callable[[], Any], work: float, plan: RoofPlan) -> Callable[[], tuple[float, float]]:
    """Windows of whole calls, each of so much `work`, device-synchronised at both ends.

    Settles the call first, and takes as many for a window as fill it even when each is as fast as the fastest then was.
    """

    def seconds_of(calls: int) -> float:
        began = time.perf_counter()
        for _ in range(calls):
            call()
        sync()
        return time.perf_counter() - began

    seconds_of(1)  # compiles it, and libraries choose their kernels
    began = time.perf_counter()
    fastest = seconds_of(1)
    while time.perf_counter() - began < plan.settling_seconds:
        calls = math.ceil(plan.window_seconds / fastest)
        fastest = min(fastest, seconds_of(calls) / calls)  # many in a row take less than one that is waited for
    calls = math.ceil(plan.window_seconds / fastest)
    return lambda: (calls * work, seconds_of(calls))
