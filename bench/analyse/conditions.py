"""What differs between two records of one cell: what forbids a comparison, and what may explain its answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from bench.analyse.comparable import differences
from bench.results.record import DataInfo, Record
from bench.support.flat import flat

__all__ = ["OWN_CODE", "Difference", "conditions", "other_work"]

OWN_CODE = {"model.source": "the network's own code", "options.batch_map_source": "the code of batch_map"}
"""Hashes of the user's own files, by their dotted names in a workload: whether a change of them made the step slower is
what comparing is for."""

_CLOCK_APART = 0.03
_NAMES = {"nvidia_driver": "nvidia driver", "cuda": "CUDA", "cudnn": "cuDNN"}
_DEVICE = {
    "name": "device",
    "compute_capability": "compute capability",
    "cores": "cores",
    "platform": "platform",
    "gpu_unused": "GPU left unused",
}


class Difference(NamedTuple):
    """One thing that isn't the same on both sides, with both values: `tensorflow 2.20.0 → 2.21.0`."""

    name: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.name} {self.before} → {self.after}"


def other_work(before: Record, after: Record) -> list[str]:
    """Why the records didn't do the same work: everything of a workload but versions of software and of own code."""
    if before.workload == after.workload:
        return []
    ours, theirs = (
        flat({name: value for name, value in one.workload.plain.items() if name != "software"})
        for one in (before, after)
    )
    return [
        f"{name} differs: {mine} and {other}"
        for name, mine, other in differences(ours, theirs)
        if not (name in OWN_CODE and name in ours and name in theirs)
    ]


def conditions(before: Record, after: Record) -> tuple[Difference, ...]:
    """What else differs: host, team, device, software, environment, clocks, protocol and images."""
    found = [Difference("host", before.host, after.host)] if before.host != after.host else []
    if before.team != after.team:
        found.append(Difference("team", before.team or "none", after.team or "none"))
    if before.device != after.device:
        found += _named(*(_device(one) for one in (before, after)))
    if before.software != after.software or before.workload != after.workload:
        found += _named(*(_software(one) for one in (before, after)))
        found += _named(*(_own_code(one) for one in (before, after)))
    if before.environment != after.environment:
        found += _named(before.environment, after.environment)
    found += _clock(before.values.get("gpu_sm_clock_hz"), after.values.get("gpu_sm_clock_hz"))
    if before.protocol != after.protocol:
        found += _named(
            *({f"protocol.{name}": value for name, value in one.protocol.plain.items()} for one in (before, after))
        )
    if before.data is not None and after.data is not None and before.data.digest != after.data.digest:
        found.append(_images(before.data, after.data))
    return tuple(found)


def _named(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[Difference]:
    return [Difference(*one) for one in differences(ours, theirs)]


def _device(record: Record) -> dict[str, Any]:
    return {shown: getattr(record.device, name) for name, shown in _DEVICE.items()}


def _software(record: Record) -> dict[str, Any]:
    every = {**record.workload.software, **record.software}
    return {_NAMES.get(name, name): version for name, version in every.items()}


def _own_code(record: Record) -> dict[str, Any]:
    named = flat(record.workload.plain)
    return {shown: named[name] for name, shown in OWN_CODE.items() if named.get(name)}


def _clock(before: float | None, after: float | None) -> list[Difference]:
    if not before or not after or abs(after / before - 1) <= _CLOCK_APART:
        return []
    return [Difference("mean GPU clock, MHz", f"{before / 1e6:,.0f}", f"{after / 1e6:,.0f}")]


def _images(before: DataInfo, after: DataInfo) -> Difference:
    """Other images of the same shape and count don't change a step's time, but what accuracy means."""
    shown = [f"{'synthetic for ' if one.synthetic else ''}{one.requested}" for one in (before, after)]
    if shown[0] == shown[1]:
        shown = [f"{text} ({one.digest})" for text, one in zip(shown, (before, after), strict=True)]
    return Difference("images", *shown)
