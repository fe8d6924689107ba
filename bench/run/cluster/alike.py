"""Are the nodes of a run alike in what figures depend on beside their kind: versions and clocks?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bench.errors import Fault, InputError
from bench.run.cluster.nodes import Node

__all__ = ["check_clocks", "check_software"]

_TOLD_SECONDS = 2.0
_REFUSED_SECONDS = 60.0
"""The newest record of a cell is told by when it began: by so much, another could pass for it."""


def check_clocks(nodes: Sequence[Node], notice: Callable[[str], None]) -> None:
    """Tell of clocks that differ from this machine's by more than 2 s; raise InputError where it is over a minute."""
    faults = []
    for node in nodes:
        off = abs(node.clock_offset) - node.doubt
        way = "ahead of" if node.clock_offset > 0 else "behind"
        what = f"the clock of node {node.name} is {off:.0f} s {way} this machine's"
        if off > _REFUSED_SECONDS:
            faults.append(Fault(what, "records are ordered by their times: set it, by NTP for instance"))
        elif off > _TOLD_SECONDS:
            notice(f"{what}: the times of its records are off by that")
    if faults:
        raise InputError(*faults)


def check_software(software: Mapping[str, Mapping[str, str]], strict: bool, notice: Callable[[str], None]) -> None:
    """Name what differs between the nodes' versions, by node; raise InputError where that is to be refused.

    The driver of a card may differ: each kind has its own.
    """
    names = sorted({name for versions in software.values() for name in versions} - {"nvidia_driver"})
    faults = []
    for name in names:
        versions = {node: known.get(name, "none") for node, known in software.items()}
        if len(set(versions.values())) > 1:
            told = ", ".join(f"{version} on {node}" for node, version in versions.items())
            faults.append(Fault(f"{name} differs: {told}", "install one version, or leave --strict-software out"))
    if strict and faults:
        raise InputError(*faults)
    for fault in faults:
        notice(f"{fault.what}; their times differ by more than their machines")
