"""The plan of a run: cells of one network take turns with their baseline, in rounds that go where the answer is open.

The first round visits every cell. Each further one gives those whose answer is still open, and their baseline, fresh
processes: what equal processes differ by is luck that more windows of the same ones wouldn't lessen (randomized
multiple interleaved trials: Abedi & Brecht, ICPE 2017). It ends once every cell is faster, slower or the same, or when
nothing that is still open can be decided in the time that is left.
"""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bench.analyse.speedup.baseline import by_network
from bench.analyse.speedup.standings import Standing, Standings
from bench.analyse.stats.network_fit import process_variances
from bench.analyse.stats.spread import spread_of
from bench.instruments.stats import estimate_of
from bench.results.query import Identity, identity, latest
from bench.results.record import Record
from bench.results.window import Turns
from bench.run.estimate import STARTING
from bench.run.interleaved.groups import FEWEST_CYCLES, GroupPlan, GroupRun
from bench.run.interleaved.memory import fits_in_memory
from bench.run.plan import Planned
from bench.run.prepare import Prepared
from bench.run.single_cell import CellObserver
from bench.suite.cells import Suite

__all__ = ["FIRST_SECONDS", "MOST_PROCESSES", "Network", "Rounds", "RoundsObserver", "networks"]

FIRST_SECONDS = 1.2
"""Windows of a process in the first round, before it is known how windows vary."""

MOST_PROCESSES = 12
"""A cell that isn't decided by so many processes isn't worth more: the intervals allow for so many looks."""

_MOST_CELLS = 20
_PACE = 1.2
"""How many times what a process takes alone a cell's further one takes, as long as no round has shown it."""
_LEAST_SECONDS = 0.6
_ONCE = ("evaluation", "attribution")


@dataclass(frozen=True)
class Network:
    """The cells of one model, batch size and seed that share a baseline; None where that is none of the run's."""

    baseline: Planned | None
    others: tuple[Planned, ...]


def networks(suite: Suite, planned: Sequence[Planned]) -> tuple[Network, ...]:
    """The cells by network, in their order."""
    name = suite.baseline or suite.variants[0].name
    groups: dict[tuple[str, int, int], list[Planned]] = {}
    for one in planned:
        groups.setdefault((one.cell.model.name, one.cell.batch_size, one.cell.seed), []).append(one)
    found = []
    for group in groups.values():
        baseline = next((one for one in group if one.cell.variant.name == name), None)
        found.append(Network(baseline, tuple(one for one in group if one is not baseline)))
    return tuple(found)


class RoundsObserver(CellObserver, Protocol):
    """Who is told how it goes."""

    def turns_begin(self, number: int, cells: Sequence[Planned]) -> None: ...
    def stands(self, records: Sequence[Record], standing: Mapping[Identity, Standing], left: float) -> None: ...


@dataclass
class Rounds:
    """Measures networks in rounds.

    `earlier` are the records that the same run has left already, `beside` those that it leaves of cells measured by
    themselves. `limit` is how many seconds it may take from `began` on, by the executor's clock; None: what one pass
    over the cells would take, each with its protocol's `max_seconds` of windows.
    """

    ready: Prepared
    runs: GroupRun
    observer: RoundsObserver
    run: str
    began: float
    limit: float | None
    precision: float | None = None
    earlier: Sequence[Record] = ()
    beside: Sequence[Record] = ()
    _groups: int = 0
    _taken: float = 0.0
    _forecast: float = 0.0
    _seeds: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._groups = max((one.turns.group for one in self.earlier if one.turns), default=0)
        # to be drawn again, and no secret
        self._seeds = random.Random(f"{self.run}/{self._groups}")  # noqa: S311

    @property
    def records(self) -> tuple[Record, ...]:
        """All of the run so far, the other processes of each cell with it."""
        return latest((*self.earlier, *self.beside, *self.runs.records))

    def turns_alone(self, number: int = 1) -> Turns:
        """The place in the run of a process that has no other beside it."""
        self._groups += 1
        seed = self._seeds.getrandbits(32)
        return Turns(run=self.run, round=number, group=self._groups, place=1, cells=1, length=1, seed=seed)

    def visit(self, network: Network, wanted: Sequence[Planned]) -> None:
        """The first round: each of the cells `wanted` is measured whole, its network's baseline beside it.

        Where the time that was asked for is over before, what is left is told.
        """
        left = list(wanted)
        while left:
            if self.limit is not None and self.left() <= 0:
                ids = ", ".join(one.cell.id for one in left)
                self.observer.notice(f"the time was over before these could be measured: {ids}; --resume goes on")
                return
            self.observer.turns_begin(1, left[:_MOST_CELLS])
            before = len(left)
            left = self._measure(network, left[:_MOST_CELLS], 1, FIRST_SECONDS, whole=True) + left[_MOST_CELLS:]
            if len(left) == before:  # there is memory for two only where there is nothing else
                self._measure(Network(None, ()), [left.pop(0)], 1, FIRST_SECONDS, whole=True)

    def sharpen(self, all_networks: Sequence[Network]) -> None:
        """Further rounds, as long as one of them may decide something in the time that is left."""
        number = 1 + max((one.turns.round for one in self.records if one.turns), default=1)
        while (chosen := self._next(all_networks)) is not None:
            network, cells = chosen
            self.observer.turns_begin(number, cells)
            if len(self._measure(network, cells, number, self._seconds(network), whole=False)) == len(cells):
                return
            number += 1

    def _measure(
        self, network: Network, cells: Sequence[Planned], number: int, seconds: float, *, whole: bool
    ) -> list[Planned]:
        self._groups += 1
        baseline = [network.baseline] if network.baseline is not None else []
        # what all are compared with is worth the square root of their number of processes (Dunnett, JASA 50, 1955)
        copies = round(math.sqrt(len(cells)))
        while copies > 1 and not self._room([*baseline, *cells], copies + len(cells)):
            copies -= 1
        together = [*(baseline * copies), *cells]
        room = self._room(together, len(together))
        ids = frozenset(one.cell.id for one in cells) if whole else frozenset[str]()
        plan = GroupPlan(
            self.run,
            number,
            self._groups,
            self._seeds.getrandbits(32),
            seconds,
            room,
            # within a time that was asked for, all cells come first
            most_seconds=max(one.cell.protocol.max_seconds for one in together)
            if whole and self.limit is None
            else None,
            spread=spread_of(self.ready.setting.host),
        )
        before = self.ready.executor.clock()
        left = self.runs.measure(together, ids, plan)
        if not whole:
            known = self._by_cell()
            self._taken += self.ready.executor.clock() - before
            self._forecast += sum(_seconds_of(known[one.cell.id], seconds) for one in cells if one.cell.id in known)
        self.observer.stands(self.records, self._standing(), self.left())
        return [one for one in left if one is not network.baseline]

    def _by_cell(self) -> Mapping[str, Record]:
        return {record.cell: record for record in self.records}

    def _room(self, cells: Sequence[Planned], processes: int) -> bool:
        """Is there surely memory for so many, going by what those of `cells` held that were measured before?"""
        ids = {one.cell.id for one in cells}
        known = [record.values.get("peak_resident_bytes") for record in self.records if record.cell in ids]
        most = max((held for held in known if held is not None), default=None)
        return fits_in_memory(processes, most, self.ready.setting.device.kind == "gpu")

    def left(self) -> float:
        """Seconds."""
        limit = self.limit if self.limit is not None else sum(map(_one_pass, by_network(self.records).values()))
        return self.began + limit - self.ready.executor.clock()

    def _standing(self) -> Mapping[Identity, Standing]:
        host = self.ready.setting.host
        return Standings(self.records, {host.id: spread_of(host)}).to_baselines()

    def _next(self, all_networks: Sequence[Network]) -> tuple[Network, list[Planned]] | None:
        """The network and those of its cells that can be decided in the least time, as many as can be in what is left
        of it."""
        standing, records = self._standing(), self._by_cell()
        left, best = self.left(), None
        for network in all_networks:
            if network.baseline is None:
                continue
            seconds = self._seconds(network)
            costs = {
                one.cell.id: needed * self._cost(record, seconds)
                for one in network.others
                if (record := records.get(one.cell.id)) is not None
                and (needed := self._needed(record, standing)) is not None
            }
            costs = _within(costs, left)
            if costs and (best is None or min(costs.values()) < min(best[1].values())):
                best = network, costs
        if best is None:
            return None
        network, costs = best
        return network, [one for one in network.others if one.cell.id in [*costs][:_MOST_CELLS]]

    def _cost(self, record: Record, seconds: float) -> float:
        """Seconds that another process of the cell takes, its share of the baseline's among them, by what the rounds
        have taken so far."""
        return (self._taken / self._forecast if self._forecast else _PACE) * _seconds_of(record, seconds)

    def _needed(self, record: Record, standing: Mapping[Identity, Standing]) -> int | None:
        """How many more processes decide it; None where it is decided, or none would."""
        found = standing.get(identity(record))
        if found is None or found.verdict is None or len(record.processes) >= MOST_PROCESSES:
            return None
        if found.verdict != "undecided":
            return self._to_precision(record, found)
        return found.needed

    def _to_precision(self, record: Record, found: Standing) -> int | None:
        """The same for the precision that was asked for."""
        if self.precision is None or (margin := getattr(found.ratio, "margin", 0.0)) <= self.precision:
            return None
        have = len(record.processes)
        return max(1, math.ceil(have * ((margin / self.precision) ** 2 - 1)))

    def _seconds(self, network: Network) -> float:
        """Windows of each process: what makes the most of the time, given what a start costs and how windows and
        processes vary."""
        ids = {one.cell.id for one in (network.baseline, *network.others) if one is not None}
        records = [record for record in self.records if record.cell in ids and record.ok]
        variances = process_variances(records, spread_of(self.ready.setting.host))
        starts = [_start(record) for record in records]
        if not starts:
            return FIRST_SECONDS
        most = max(record.protocol.max_seconds for record in records)
        return min(max(variances.best_seconds(sum(starts) / len(starts)), _LEAST_SECONDS), most)


def _start(record: Record) -> float:
    """Seconds until a process of the cell is warm."""
    return sum(record.stages.get(stage, 0.0) for stage in STARTING)


def _seconds_of(record: Record, seconds: float) -> float:
    """What a process of the cell takes with so many seconds of windows, alone with the machine."""
    step = estimate_of(record.timed)
    return _start(record) + max(seconds, FEWEST_CYCLES * step.step_seconds if step else seconds)


def _within(costs: Mapping[str, float], left: float) -> dict[str, float]:
    """The cheapest, in their order, as many as come to no more than what is `left` together."""
    found: dict[str, float] = {}
    for cell, cost in sorted(costs.items(), key=lambda one: one[1]):
        if sum(found.values()) + cost > left:
            break
        found[cell] = cost
    return found


def _one_pass(records: Sequence[Record]) -> float:
    """Seconds that the cells of a network would take if they were measured once, one after another, each for as long as
    its protocol allows. Those that started beside others took longer for that than alone, as the baseline tells."""
    ok = [record for record in records if record.ok]
    beside = [record for record in ok if record.turns is not None and record.turns.cells > 1]
    alone = [record for record in ok if record.turns is None or record.turns.cells == 1]
    share = 1.0
    starts = [start for start in map(_start, beside) if start > 0]  # one that was interrupted doesn't tell of its own
    if alone and starts:
        share = min(1.0, statistics.median(map(_start, alone)) / statistics.median(starts))
    once = sum(record.stages.get(stage, 0.0) for record in ok for stage in _ONCE)
    windows = sum(record.protocol.max_seconds for record in ok)
    failed = sum(record.values.get("seconds") or 0.0 for record in records if not record.ok)
    return sum(map(_start, alone)) + share * sum(map(_start, beside)) + once + windows + failed


def of_run(records: Sequence[Record]) -> Iterator[Record]:
    """The records of the newest run among these."""
    newest = next((record.turns.run for record in reversed(records) if record.turns is not None), None)
    return (record for record in records if record.turns is not None and record.turns.run == newest)
