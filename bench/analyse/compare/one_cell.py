"""The one cell that each side of a comparison names, its seeds together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bench.analyse.compare.join import narrowed
from bench.analyse.training.seeds import Repeats, repeats
from bench.errors import Fault, InputError, nearest
from bench.results.query import latest
from bench.results.sides import StoredSide

__all__ = ["NamedCell", "both_cells"]

_SHOWN = 6


@dataclass(frozen=True)
class NamedCell:
    """A side, the cell that it names (an id or its beginning up to a `/`), and the text that both came from."""

    side: StoredSide
    cell: str
    text: str


def both_cells(before: NamedCell, after: NamedCell) -> tuple[Repeats, Repeats]:
    """The cells, each with the newest record of each of its seeds.

    A side that leaves host or suite open is narrowed to those of the other. Raises InputError, with all that is wrong,
    where a name is no cell's or several cells', where the cells are of different networks, and where they are the very
    same.
    """
    sides = narrowed(before.side, after.side), narrowed(after.side, before.side)
    found: list[list[Repeats]] = []
    faults: list[Fault] = []
    for one, side in zip((before, after), sides, strict=True):
        try:
            found.append(_cells(one, side))
        except InputError as error:
            faults += error.faults
    if not faults:
        ours, theirs = _near(found[0], found[1]), _near(found[1], found[0])
        faults = [_several(one, cells) for one, cells in ((before, ours), (after, theirs)) if len(cells) > 1]
    if faults:
        raise InputError(*faults)
    _check(before, after, ours[0], theirs[0])
    return ours[0], theirs[0]


def _cells(named: NamedCell, side: StoredSide) -> list[Repeats]:
    """All that the name could mean."""
    *parts, last = named.cell.split("/")
    seed = int(last[1:]) if len(parts) == 3 and re.fullmatch(r"s\d+", last) else None
    wanted = parts if seed is not None else [*parts, last]
    every = repeats(record for record in latest(side.records) if seed is None or record.seed == seed)
    found = [cell for cell in every if cell.name.split("/")[: len(wanted)] == wanted]
    if not found:
        names = dict.fromkeys("/".join(cell.name.split("/")[: len(wanted)]) for cell in every)
        places = list(dict.fromkeys(f"{record.host}/{record.suite}" for record in side.records))
        at = f" in {places[0]}" if len(places) == 1 else ""
        raise InputError(Fault(f"'{named.text}': there is no cell '{named.cell}'{at}", nearest(named.cell, names)))
    return found


def _near(cells: list[Repeats], others: list[Repeats]) -> list[Repeats]:
    """Of one cell in several places that which lies beside the other side's only one, if any does."""
    if len(others) != 1 or len({cell.name for cell in cells}) > 1:
        return cells
    place = others[0].first.host, others[0].first.suite
    return [cell for cell in cells if (cell.first.host, cell.first.suite) == place] or cells


def _check(before: NamedCell, after: NamedCell, ours: Repeats, theirs: Repeats) -> None:
    if ours.first.model != theirs.first.model and _network(ours) != _network(theirs):
        what = f"'{before.text}' is a cell of {ours.first.model} and '{after.text}' of {theirs.first.model}"
        raise InputError(Fault(what, "before and after are of one model, or of one network at least"))
    if ours.records == theirs.records:
        raise InputError(Fault(f"'{before.text}' and '{after.text}' are the very same records", "name another cell"))


def _network(cell: Repeats) -> str:
    return cell.first.workload.model.network


def _several(named: NamedCell, found: Sequence[Repeats]) -> Fault:
    names = list(dict.fromkeys(cell.name for cell in found))
    if len(names) > 1:
        shown = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
        return Fault(f"'{named.text}' names {len(names)} cells", f"name one: {shown}")
    places = [f"{cell.first.host}/{cell.first.suite}" for cell in found]
    shown = ", ".join(places[:_SHOWN]) + (", …" if len(places) > _SHOWN else "")
    return Fault(f"'{named.text}': {names[0]} was measured in {len(places)} places", f"name one: {shown}")
