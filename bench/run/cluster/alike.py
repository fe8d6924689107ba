"""Are the nodes of a run alike in what figures depend on beside their kind: versions and clocks?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bench.errors import Fault, InputError
from bench.run.cluster.nodes import Node

__all__ = ["check_clocks", "check_software", "tell_of_shared_machines"]

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


def tell_of_shared_machines(nodes: Sequence[Node], notice: Callable[[str], None]) -> None:
    """Tell of nodes that would measure at the same time on one machine: raylets may share one."""
    by_address: dict[str, list[str]] = {}
    for node in nodes:
        by_address.setdefault(node.address, []).append(node.name)
    for names in by_address.values():
        if len(names) > 1:
            notice(f"{', '.join(names)} are nodes on one machine, and disturb each other: name one with --on")


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
