"""Roofs, interleaved: each is prepared, then each is timed once a round, until their time is up."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import tensorflow as tf

from bench.host.roofs import DATA_TYPES, VGG16_ROOFS, Name
from bench.suite.options import Options
from bench.support.exception_text import exception_summary, exception_text
from bench.workload.roofs.bandwidth import device_bandwidth, host_to_device_bandwidth
from bench.workload.roofs.convolutions import convolutions
from bench.workload.roofs.files import file_read
from bench.workload.roofs.launch import launch_latency
from bench.workload.roofs.matmul import products
from bench.workload.roofs.pipelines import jpeg_decode, map_elements
from bench.workload.roofs.plan import Began, Missing, NoRoofError, Probe, Task, Timed
from bench.workload.runtime import configure, is_out_of_memory

__all__ = ["ROOFS", "rounds", "timed"]

ROOFS: dict[Name, Callable[[Task], Iterator[Probe | Missing]]] = {
    **{kind: partial(products, data_type=kind) for kind in DATA_TYPES},
    **{VGG16_ROOFS[kind]: partial(convolutions, data_type=kind) for kind in DATA_TYPES},
    "device_bandwidth": device_bandwidth,
    "host_to_device_bandwidth": host_to_device_bandwidth,
    "launch_latency": launch_latency,
    "jpeg_decode": jpeg_decode,
    "map": map_elements,
    "file_read": file_read,
}
"""What prepares the probes of each roof."""

_TRIALS = 3
_HOPELESS = 0.85
"""Work that reached less than that share of its roof's fastest, in its best of so many rounds, isn't tried again."""
_MOST = 1 / 3
"""No roof takes more of the time than that, once it has the fewest windows."""


def rounds(task: Task) -> Iterator[Began | Timed | Missing]:
    """Measure the roofs of `task`: every window as soon as it is there, and why a roof has none.

    Settles the process's device and TF32: the roofs of TF32 want a process without those of float32. A roof that raises
    is missing, and the others go on.
    """
    plan, began = task.plan, time.perf_counter()
    configure(Options(tf32=bool({"tf32", "vgg16_tf32"} & set(task.names))), 0, task.kind)
    probes: list[Probe] = []
    for name in task.names:
        yield Began(name, 0)
        for found in _prepared(task, name):
            if isinstance(found, Probe):
                probes.append(found)
            else:
                yield found
    late = max(0.0, time.perf_counter() - began - plan.preparation_seconds)
    yield from timed(replace(task, plan=replace(plan, seconds=max(0.0, plan.seconds - late))), probes)


def _prepared(task: Task, name: Name) -> Iterator[Probe | Missing]:
    try:
        yield from ROOFS[name](task)
    except Exception as error:  # whatever it is: the others are to be measured
        yield Missing(name, _why(error))


def timed(
    task: Task, probes: list[Probe], clock: Callable[[], float] = time.perf_counter
) -> Iterator[Began | Timed | Missing]:
    """Time each probe in every round; see `RoofPlan`. Ways to a roof that turn out slow are given up."""
    plan, began = task.plan, clock()
    spent: defaultdict[Probe, float] = defaultdict(float)
    rates: defaultdict[Probe, list[float]] = defaultdict(list)
    longest = 0.0
    for number in range(1, plan.rounds + 1):
        started = clock()
        if number > plan.fewest and started - began + longest > plan.seconds:
            return
        for probe in probes:
            if number > plan.fewest and spent[probe] > _MOST * plan.seconds:
                continue
            yield Began(probe.name, number)
            for _ in range(probe.turns):
                turned = clock()
                try:
                    work, seconds = probe.window()
                except Exception as error:
                    probes = [one for one in probes if one is not probe]
                    yield Missing(probe.name, _why(error), probe.of)
                    break
                spent[probe] += clock() - turned
                rates[probe].append(work / seconds)
                yield Timed(probe.name, probe.of, work, seconds)
        if number == _TRIALS:
            probes = _hopeful(probes, rates)
        longest = max(longest, clock() - started)


def _hopeful(probes: list[Probe], rates: defaultdict[Probe, list[float]]) -> list[Probe]:
    """Those that may turn out the fastest of their roof."""
    best: dict[Name, float] = {}
    for probe in probes:
        best[probe.name] = max(best.get(probe.name, 0.0), *rates[probe])
    return [probe for probe in probes if max(rates[probe]) >= _HOPELESS * best[probe.name]]


def _why(error: Exception) -> str:
    if is_out_of_memory(error):
        return "the memory is too small"
    if isinstance(error, NoRoofError):
        return str(error)
    if isinstance(error, tf.errors.OpError):
        return exception_summary(error)
    return exception_text(error)
