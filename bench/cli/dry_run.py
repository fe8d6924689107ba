"""`bench run --dry-run`: the cells, and the time that they would take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

from bench.cli.common import note

if TYPE_CHECKING:
    from bench.cli.where import Where
    from bench.host.profile import HostProfile
    from bench.run.estimate import Estimator
    from bench.run.prepare import Preview, Request

__all__ = ["estimator_of", "list_here", "list_on_nodes"]


def list_here(request: Request, _: Where, as_json: bool) -> None:
    """What this machine would measure. Raises InputError."""
    from bench.run.prepare import preview
    from bench.run.process.executors import LocalExecutor

    found = preview(request, LocalExecutor())
    for doubt in found.doubts:
        note(doubt)
    listing = _Listing(request, found)
    if as_json:
        _print_json(listing.fields())
        return
    for line in listing.lines():
        typer.echo(line)


def list_on_nodes(request: Request, where: Where, as_json: bool) -> None:
    """What each node would measure, of those that would. Raises InputError."""
    from bench.run.cluster.driver import ClusterRequest, preview_on_cluster

    wanted = ClusterRequest(request, where.address, where.on, where.nodes, where.strict_software)
    nodes = preview_on_cluster(wanted, note)
    for doubt in dict.fromkeys(doubt for _, found in nodes for doubt in found.doubts):
        note(doubt)
    listings = {name: _Listing(request, found) for name, found in nodes}
    if as_json:
        _print_json({"nodes": [{"node": name, **listing.fields()} for name, listing in listings.items()]})
        return
    for name, listing in listings.items():
        typer.echo(f"node {name}, host {listing.found.host.id}:")
        for line in listing.lines():
            typer.echo(f"  {line}")


def estimator_of(request: Request, host: HostProfile) -> Estimator:
    """What cells will take on `host`, going by what they took there before."""
    from bench.results.journal import Journal, journal_path
    from bench.results.owner import owner
    from bench.results.record import Record
    from bench.run.estimate import Estimator

    path = journal_path(request.root, host.id, request.suite.name, owner(request.root))
    return Estimator(Journal(path, Record).read().records, host)


class _Listing:
    """The cells of a preview, with the seconds that each would take."""

    def __init__(self, request: Request, found: Preview) -> None:
        self.found = found
        estimator = estimator_of(request, found.host)
        self._pairs = [estimator.pair_seconds(one.a.cell, one.b.cell) for one in found.pairs]
        self._cells = [(0.0, None) if one.skip else estimator.estimate(one) for one in found.cells]
        self._whole = sum(time for time, _ in self._cells)

    def fields(self) -> dict[str, Any]:
        """For programs."""
        rows = [
            {"cell": one.cell.id, "seconds": time, "known": basis == "as last time", "basis": basis, "skip": one.skip}
            for one, (time, basis) in zip(self.found.cells, self._cells, strict=True)
        ]
        turns = [
            {"option": one.option, "a": one.a.cell.id, "b": one.b.cell.id, "seconds": time}
            for one, time in zip(self.found.pairs, self._pairs, strict=True)
        ]
        whole = self._whole + sum(self._pairs)
        return {"host": self.found.host.id, "cells": rows, "pairs": turns, "seconds": whole}

    def lines(self) -> Iterator[str]:
        """For people."""
        from bench.run.estimate import clock_time

        width = max(len(one.cell.id) for one in self.found.cells)
        for one, (time, basis) in zip(self.found.cells, self._cells, strict=True):
            most = "at most " if one.cell.train is not None and basis != "as last time" else ""
            told = f"skipped: {one.skip}" if one.skip else f"{most + clock_time(time):>{16 if most else 7}}  {basis}"
            yield f"{one.cell.id:<{width}}  {told}"
        pairs = self._pairs
        also = f", then {len(pairs)} interleaved pairs, {clock_time(sum(pairs))} more" if pairs else ""
        cells = "1 cell" if len(self.found.cells) == 1 else f"{len(self.found.cells)} cells"
        yield f"{cells} on {self.found.device}, about {clock_time(self._whole)}{also}; nothing was run"


def _print_json(fields: dict[str, Any]) -> None:
    import json

    typer.echo(json.dumps(fields))
