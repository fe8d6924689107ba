"""`bench hosts --executor ray`: the nodes of a cluster, and the host that each is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import typer

from bench.report.core.table import Heading, Table
from bench.results.metric import ABSENT

if TYPE_CHECKING:
    from pathlib import Path

    from bench.cli.where import Where
    from bench.run.cluster.nodes import Node

__all__ = ["show_nodes"]


def show_nodes(where: Where, root: Path, as_json: bool) -> None:
    """List them. Raises InputError."""
    from bench.host.registry import recognise_all
    from bench.report.core.markdown import render
    from bench.run.cluster.verbs import ask_nodes

    nodes = ask_nodes(where.address, where.on)
    hosts = iter(recognise_all(root, [node.hardware for node in nodes if node.hardware is not None]))
    found = [(node, next(hosts).profile.id if node.hardware is not None else None) for node in nodes]
    if as_json:
        typer.echo(json.dumps([_entry(*one) for one in found], indent=2, ensure_ascii=False))
    else:
        typer.echo(render(_table(found)), nl=False)


def _table(found: list[tuple[Node, str | None]]) -> Table:
    headings = ("node", "address", "host", "device", "labels", "TensorFlow", "measures")
    return Table(
        title="Nodes",
        columns=tuple(map(Heading, headings)),
        rows=tuple(
            (
                node.name,
                node.address,
                host or ABSENT,
                node.device,
                ", ".join(f"{name}={value}" for name, value in node.own_labels.items()) or ABSENT,
                node.software.get("tensorflow", ABSENT),
                node.unfit or "yes",
            )
            for node, host in found
        ),
    )


def _entry(node: Node, host: str | None) -> dict[str, Any]:
    return {
        "node": node.name,
        "address": node.address,
        "host": host,
        "device": node.device,
        "labels": dict(node.own_labels),
        "software": dict(node.software),
        "clock_offset_seconds": node.clock_offset,
        "unfit": node.unfit,
    }
