"""What each of a suite's cells will take on a host that need not be this one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bench.analyse.planning.amount import Amount
from bench.analyse.planning.suite_plan import CellTime, SuitePlan
from bench.analyse.stats.samples import mean_interval
from bench.host.profile import HostProfile
from bench.results.query import when
from bench.results.record import DataInfo, Record
from bench.run.compose import data_key
from bench.run.estimate import Estimator
from bench.run.plan import Planned, plan
from bench.suite.cells import Cell
from bench.suite.names import is_import_path
from bench.workload.data import load

__all__ = ["data_of", "suite_plan"]


Data = Mapping[tuple[str, str], DataInfo]
"""By a cell's suite and id."""


def data_of(cells: Iterable[Cell], records: Iterable[Record]) -> Data:
    """What cells that are trained are fed: as their records say, of any host, else as it is read here.

    Data of the user's own is not read, which would run their code.
    """
    found = {(one.suite, one.cell): one.data for one in records if one.data is not None}
    read: dict[str, DataInfo] = {}
    for cell in cells:
        key, own = data_key(cell.data), is_import_path(cell.data.name) or cell.data.pipeline is not None
        if cell.train is None or own or (cell.suite, cell.id) in found:
            continue
        if key not in read:
            read[key] = load(cell.data, data_dir=None, strict=False, folder=Path(cell.folder)).info
        found[cell.suite, cell.id] = read[key]
    return found


def suite_plan(cells: Sequence[Cell], profile: HostProfile, records: Sequence[Record], data: Data) -> SuitePlan:
    """What `cells` will take on the host of `profile`; `records` are all that there are, of any host.

    `data` tells what a cell that is trained is fed, where that is known: see `data_of`.
    """
    ours = [record for record in records if record.host == profile.id]
    estimator = Estimator(ours, profile)
    times = []
    for cell in cells:
        planned = _planned(cell, profile, data.get((cell.suite, cell.id)))
        if planned.skip is not None:
            times.append(CellTime(cell.id, Amount(0.0), "skipped", skip=planned.skip))
            continue
        seconds, basis = estimator.estimate(planned)
        known = basis == "as last time"
        spent = _spent(ours, cell) if known else None
        times.append(CellTime(cell.id, spent or Amount(seconds), basis, known))
    return SuitePlan(profile, tuple(times))


def _planned(cell: Cell, profile: HostProfile, data: DataInfo | None) -> Planned:
    if profile.hardware is None:  # what `auto` comes to on a card that was never seen isn't known
        return Planned(cell, cell.variant.options, None, data=data)
    return replace(plan(cell, profile.hardware), data=data)


def _spent(records: Iterable[Record], cell: Cell) -> Amount | None:
    """The mean over the cell's runs that were like its newest, where there were several."""
    same = [
        one
        for one in records
        if (one.suite, one.cell) == (cell.suite, cell.id) and one.ok and one.whole and one.values.get("seconds")
    ]
    newest = max(same, key=when)
    alike = [one.values["seconds"] or 0.0 for one in same if one.accuracy_fingerprint == newest.accuracy_fingerprint]
    found = mean_interval(alike)
    return None if found is None else Amount.of(found)
