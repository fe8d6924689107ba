"""What the machines of a cluster's nodes are called in the driver's tree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from bench.errors import Fault, InputError, gathered
from bench.host.hardware import Hardware
from bench.host.profile import HostProfile
from bench.host.registry import recognise, recognise_all
from bench.run.cluster.nodes import Node

__all__ = ["check_host", "hosts_of"]


def check_host(wanted: str | None, nodes: Sequence[Node]) -> None:
    """Raise InputError where `--host` is to be the name of nodes of several kinds."""
    if wanted is not None and len({node.kind for node in nodes}) > 1:
        names = ", ".join(node.name for node in nodes)
        what = f"--host {wanted} is one host, and these nodes of several kinds would measure: {names}"
        raise InputError(Fault(what, "name one of them with --on"))


def hosts_of(
    root: Path, machines: Sequence[Hardware], wanted: str | None, notice: Callable[[str], object]
) -> list[HostProfile]:
    """The host of each machine; unlike ones of one plain name get ids of their own. Raises InputError."""
    alone = gathered([lambda hardware=hardware: recognise(root, hardware, wanted) for hardware in machines])  # type: ignore[misc]
    found = alone if len(machines) == 1 else recognise_all(root, machines)
    for one in found:
        if one.replaced:
            notice(one.replaced)
    return [one.profile for one in found]
