"""What the GPU draws while nothing of ours runs on it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from bench.system.nvml import Reading, open_nvml

__all__ = ["idle_watts"]

_READINGS = 10
_SECONDS = 0.1
_AT_WORK = 0.10


def idle_watts(environ: Mapping[str, str] | None = None, sleep: Callable[[float], None] = time.sleep) -> Reading[float]:
    """The mean of ten power readings of the GPU over one second, to be taken before anything of ours is on it.

    Absent where power can't be read, and where another process is on the card or, unseen, keeps it at work for a tenth
    of the time or more. A figure of its own: it is subtracted from nothing, since a card at work idles nowhere. A card
    that worked until a moment ago still draws more than one at rest. Costs a second where there is a GPU.
    """
    with open_nvml() as nvml:
        chosen = nvml.chosen(environ)
        gpu = chosen.value
        if gpu is None:
            return Reading(None, chosen.reason)
        power, load = [], []
        for _ in range(_READINGS):
            power.append(gpu.power_watts())
            if power[-1].value is None:
                return Reading(None, power[-1].reason)
            load.append(gpu.utilization().value or 0.0)
            if gpu.processes().value:
                return Reading(None, "another process was on the GPU")
            sleep(_SECONDS)
    if sum(load) / len(load) >= _AT_WORK:
        return Reading(None, "the GPU was at work for another process")
    return Reading(sum(one.value or 0.0 for one in power) / len(power))
