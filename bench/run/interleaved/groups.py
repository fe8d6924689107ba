"""A group of a run's cells: a fresh process for each, all alive at once, windows in turn, a record for each."""

from __future__ import annotations

import random
import statistics
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bench.analyse.stats.network_fit import variances_of
from bench.analyse.stats.process_times import turn_times
from bench.analyse.stats.spread import UNMEASURED, Spread
from bench.results.journal import Journal
from bench.results.record import Record
from bench.results.window import Discarded, Turns
from bench.run.compose import compose
from bench.run.interleaved.memory import room_for_another
from bench.run.interleaved.turn_process import TurnProcess
from bench.run.interleaved.turns import Group, Servers
from bench.run.job import Job, Outcome, Progress
from bench.run.kept_network import network_kept
from bench.run.plan import Planned
from bench.run.prepare import Prepared
from bench.run.process.logs import drop, held, log_path, tidy
from bench.run.single_cell import CellObserver
from bench.system.procfs import usable_cpus

__all__ = ["FEWEST_CYCLES", "GroupPlan", "GroupRun"]

FEWEST_CYCLES = 2
"""Below it a process says nothing of how its windows vary."""

_MOST_DISTURBED = 0.25
"""Share of the cycles: of more, records leave none out (`bench.results.record`)."""
_MOST_AT_ONCE = 4
"""So many processes do side by side what isn't timed, at most: tracing the first step, and judging what was learnt, are
one thread's work for most of their time."""


@dataclass(frozen=True)
class GroupPlan:
    """Where a group stands in its run, and how long its processes are measured.

    Each has `seconds` of windows, and at least `FEWEST_CYCLES` turns; and up to `most_seconds` where windows vary so
    much that more of them are worth more than starting further processes, which differ by the host's `spread`. A cycle
    that was disturbed is made up for by another, as often as there were cycles to be. The same `seed` gives the same
    orders. The first of the cells is started among the first two where there may be no `room` for all: without it the
    others are compared with nothing.
    """

    run: str
    round: int
    group: int
    seed: int
    seconds: float
    room: bool
    most_seconds: float | None = None
    spread: Spread = UNMEASURED


class GroupRun:
    """Measures groups, and keeps their records in `journal` and in `records`.

    >>> runs = GroupRun(ready, servers, observer, journal)
    >>> left = runs.measure(cells, frozenset({"vgg16/xla/b128"}), plan)
    """

    def __init__(self, ready: Prepared, servers: Servers, observer: CellObserver, journal: Journal[Record]) -> None:
        self.records: list[Record] = []
        self._ready, self._servers, self._observer, self._journal = ready, servers, observer, journal
        self._gpu = ready.setting.device.kind == "gpu"
        # on a GPU cuDNN times its algorithms in the first step, and others beside it would mislead it
        self._at_once = 1 if self._gpu else min(len(usable_cpus()), _MOST_AT_ONCE)

    def measure(self, cells: Sequence[Planned], whole: frozenset[str], plan: GroupPlan) -> list[Planned]:
        """Measure `cells` in turns, in a process for each time that one is named, and those of the ids `whole` with all
        that is measured once; gives the cells that there was no memory for.

        On Ctrl-C, what was measured by then is kept, and KeyboardInterrupt passes through. Raises JournalError.
        """
        started = datetime.now(UTC).isoformat(timespec="seconds")
        draw = random.Random(plan.seed)  # noqa: S311 - to be drawn again, and no secret
        with tempfile.TemporaryDirectory(dir=self._ready.scratch) as scratch, ExitStack() as stack:
            logs = [self._log(place, one, started) for place, one in enumerate(cells)]
            jobs = [
                self._job(planned, Path(scratch), log, planned.cell.id in whole, stack)
                for planned, log in zip(cells, logs, strict=True)
            ]
            group = Group(jobs, self._servers, self._heard, _order(len(cells), plan, draw))
            keeping = _Keeping(group, cells, logs, plan, started)
            with group:
                try:
                    began = self._ready.executor.clock()
                    self._start(group)
                    start = (self._ready.executor.clock() - began) / max(1, len(group.live))
                    _take_turns(group, plan, draw)
                    _take_more_turns(group, plan, start, draw)
                    for place in keeping.places:
                        keeping.begin_to_finish(self._at_once)
                        self._keep(keeping.record(self._ready, place))
                except BaseException:
                    for place in keeping.places:
                        self._keep(keeping.record(self._ready, place, interrupted=True))
                    raise
                finally:
                    for log in keeping.unnamed:
                        drop(log)
            started_places = {*group.live, *group.ended, *group.lost}
        return [planned for place, planned in enumerate(cells) if place not in started_places]

    def _log(self, place: int, planned: Planned, started: str) -> Path:
        """One of its own for each process, of which a cell may have several."""
        log = log_path(self._ready.results, planned.cell, started)
        return log.with_name(f"{place}-{log.name}")

    def _job(self, planned: Planned, scratch: Path, log: Path, whole: bool, stack: ExitStack) -> Job:
        stack.enter_context(held(log))
        return replace(self._ready.job(planned, scratch, log), whole=whole)

    def _start(self, group: Group) -> None:
        group.start(self._at_once, lambda: room_for_another([one.pid for one in group.live.values()], self._gpu))

    def _keep(self, record: Record | None) -> None:
        if record is None:
            return
        for notice in self._journal.append(record):
            self._observer.notice(notice)
        self.records.append(record)
        self._observer.cell_ends(record)

    def _heard(self, _: Job, word: Progress) -> None:
        self._observer.cell_says(word)


def _order(count: int, plan: GroupPlan, draw: random.Random) -> list[int]:
    order = draw.sample(range(count), count)
    if not plan.room and order.index(0) > 1:
        order.remove(0)
        order.insert(draw.randrange(2), 0)
    return order


def _take_turns(group: Group, plan: GroupPlan, draw: random.Random) -> None:
    cycles = clean = 0
    while group.live:
        wanted = max(FEWEST_CYCLES, _cycles(group, plan.seconds))
        if clean >= wanted or cycles >= 2 * wanted:
            return
        group.cycle(draw.sample(group.order, len(group.order)))
        clean += cycles not in _disturbed(group)
        cycles += 1


def _take_more_turns(group: Group, plan: GroupPlan, start: float, draw: random.Random) -> None:
    """Where windows vary so much that it is worth it, starting a process having taken `start` seconds. Not beside what
    disturbs them, for that may last."""
    if plan.most_seconds is None or not group.live:
        return
    wanted = _cycles(group, min(_worth(group, plan, start), plan.most_seconds))
    for cycles in range(max(live.cycles for live in group.live.values()), wanted):
        if not group.live or len(_disturbed(group)) > _MOST_DISTURBED * cycles:
            return
        group.cycle(draw.sample(group.order, len(group.order)))


def _worth(group: Group, plan: GroupPlan, start: float) -> float:
    """Seconds of windows of a process that make the most of the time, by the turns so far; starting one took `start`
    seconds."""
    disturbed = _disturbed(group)
    cycles = min((live.cycles for live in group.live.values()), default=0)
    clean = [cycle for cycle in range(cycles) if cycle not in disturbed]
    if len(group.live) < 2 or len(clean) < FEWEST_CYCLES:
        return 0.0
    logs = np.log([[live.step_seconds(cycle) for cycle in clean] for live in group.live.values()])
    _, variances = turn_times(logs)
    seconds = statistics.fmean(sum(map(live.turn_seconds, clean)) for live in group.live.values())
    shown = variances_of((), plan.spread)
    return replace(shown, window=float(variances.mean()) * seconds).best_seconds(start)


def _cycles(group: Group, seconds: float) -> int:
    """So many give a process these seconds of windows, once it is known how long turns are."""
    turns = [sum(one.seconds for one in live.windows[: live.length]) for live in group.live.values()]
    return 1 if not all(turns) else round(seconds / statistics.median(turns))


def _disturbed(group: Group) -> Mapping[int, str]:
    """The cycles that something from outside disturbed, in whosever turn: why, by their number."""
    found: dict[int, str] = {}
    for live in (*group.live.values(), *group.ended.values()):
        found = live.disturbances | found
    return found


class _Keeping:
    """What becomes the records of a group; `places` are those of which there is none yet, `unnamed` the logs that no
    record names."""

    def __init__(
        self,
        group: Group,
        cells: Sequence[Planned],
        logs: Sequence[Path],
        plan: GroupPlan,
        started: str,
    ) -> None:
        self._group, self._cells, self._logs, self._plan, self._started = group, cells, logs, plan, started
        self._kept: set[int] = set()
        self._named: set[int] = set()

    @property
    def places(self) -> list[int]:
        group = self._group
        return [place for place in sorted({*group.live, *group.ended, *group.lost}) if place not in self._kept]

    @property
    def unnamed(self) -> list[Path]:
        return [log for place, log in enumerate(self._logs) if place not in self._named]

    def begin_to_finish(self, at_once: int) -> None:
        """Have the next few that are to end in order begin with it side by side; but attribution wants to be alone."""
        whole = [live for place in self.places if (live := self._group.live.get(place)) and live.job.whole]
        for live in whole[:at_once]:
            if not live.job.cell.attribute:
                live.begin_to_finish()

    def record(self, ready: Prepared, place: int, *, interrupted: bool = False) -> Record | None:
        """The record of the process at `place`, ended in order where it is one of the whole; None where it was
        `interrupted` before it had windows enough."""
        group, planned = self._group, self._cells[place]
        live = group.live.get(place) or group.ended.get(place)
        outcome = Outcome("ok", "windows")
        if (lost := group.lost.get(place)) is not None:
            outcome = lost.outcome
        elif interrupted:
            if live is None or live.cycles < FEWEST_CYCLES:
                return None
        elif live is not None and live.job.whole:
            outcome = group.finish(place)
        self._kept.add(place)
        log = tidy(self._logs[place], outcome, ready.root)
        if log is not None:
            self._named.add(place)
        outcome = replace(
            network_kept(ready.results, outcome),
            windows=tuple(live.windows) if live is not None else (),
            recorded={"turns": self._turns(place, live), "discarded": self._discarded(live)},
        )
        seconds = live.seconds if live is not None else 0.0
        watch = live.watch if live is not None and live.cycles else None
        return compose(ready.setting, planned, outcome, self._started, seconds, watch, log)

    def _turns(self, place: int, live: TurnProcess | None) -> Turns:
        plan, order = self._plan, self._group.order
        return Turns(
            run=plan.run,
            round=plan.round,
            group=plan.group,
            place=order.index(place) + 1,
            cells=len(order),
            length=live.length if live is not None else 1,
            seed=plan.seed,
        )

    def _discarded(self, live: TurnProcess | None) -> tuple[Discarded, ...]:
        cycles = live.cycles if live is not None else 0
        return tuple(
            Discarded(cycle=cycle, reason=why)
            for cycle, why in sorted(_disturbed(self._group).items())
            if cycle < cycles
        )
