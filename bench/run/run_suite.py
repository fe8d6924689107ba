"""The main job: every cell of a suite, in processes that each leave a record."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from bench.host.profile import HostProfile
from bench.host.registry import remember
from bench.results.index.newest import read_resumable
from bench.results.journal import Journal, journal_path
from bench.results.pair import Pair
from bench.results.query import good, latest
from bench.results.record import Record
from bench.results.writable import writable
from bench.run.compose import RunContext
from bench.run.interleaved.groups import GroupRun
from bench.run.interleaved.option_pairs import OptionObserver, measure_options, options_left
from bench.run.interleaved.rounds import Network, Rounds, RoundsObserver, networks, of_run
from bench.run.interleaved.toggles import Toggle
from bench.run.interleaved.turns import Servers
from bench.run.plan import Planned, fingerprints
from bench.run.prepare import Prepared, Request, prepared
from bench.run.process.executors import Executor, LocalExecutor
from bench.run.process.logs import sweep_logs
from bench.run.single_cell import SingleCellRunner

__all__ = ["Interrupted", "Observer", "RunInterrupted", "Summary", "run_prepared", "run_suite"]


@dataclass(frozen=True)
class Summary:
    """What a run gave: its records, the host that they are filed under, and pairs of cells measured interleaved."""

    records: tuple[Record, ...]
    host: HostProfile
    pairs: tuple[Pair, ...] = ()

    @property
    def ended(self) -> int:
        """Cells and pairs that were measured."""
        return len(self.records) + len(self.pairs)

    @property
    def failed(self) -> int:
        """Cells and pairs that ended neither ok nor skipped."""
        ended = [record.status for record in self.records] + [pair.status for pair in self.pairs]
        return sum(status not in ("ok", "skipped") for status in ended)


class RunInterrupted(Exception):  # noqa: N818 - not an error
    """The user ended a run, on one machine or several; what it gave by then is kept."""


class Interrupted(RunInterrupted):
    """The user ended the run: `summary` is what it gave by then, kept in the file at `path`; `left` cells and
    `pairs_left` pairs were not measured. `cell` is one that was in training, whose last epoch is kept."""

    def __init__(self, summary: Summary, path: Path, left: int, pairs_left: int = 0, cell: str | None = None) -> None:
        self.summary = summary
        pairs = len(summary.pairs)
        also = f"; {pairs} interleaved pairs kept, {pairs_left} not measured" if pairs or pairs_left else ""
        also += f"; the training of {cell} is kept up to its last epoch" if cell is not None else ""
        cells = "1 cell" if len(summary.records) == 1 else f"{len(summary.records)} cells"
        super().__init__(f"{cells} kept in {path}, {left} not measured{also}")

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback: whoever interrupts a cell knows where it was."""
        return [f"interrupted: {self}; with resume=True it goes on"]


class Observer(RoundsObserver, Protocol):
    """Who is told how the run goes."""

    def begins(self, host: HostProfile, device: str, cells: Sequence[Planned], resumed: int) -> None: ...


def run_suite(
    request: Request, executor: Executor, observer: Observer, options: OptionObserver | None = None
) -> Summary:
    """Measure the cells of `request`, in rounds of processes that take turns; each leaves a record, appended as soon as
    it is there. What is trained to accuracy runs by itself, once, and so do the cells of executors that have no
    processes.

    Where the suite wants `attribute`, each option of its variants is then measured on against off, if there is an
    observer of `options`.

    Raises InputError before anything is run or written where the input can't be run; `JournalError` where a record
    can't be kept; `Interrupted` on Ctrl-C.
    """
    with prepared(request, executor, observer.notice) as ready:
        return run_prepared(request, ready, observer, options)


def run_prepared(
    request: Request, ready: Prepared, observer: Observer, options: OptionObserver | None = None
) -> Summary:
    """The same, once all is ready for its cells."""
    setting = ready.setting
    journal = Journal(journal_path(request.root, setting.host.id, request.suite.name, setting.team), Record)
    writable(journal.path)
    before = read_resumable(request.root, journal.path).records if request.resume else ()
    done = good(before, request.suite.attribute)
    left = [one for one in ready.planned if _key(one, setting) not in done]
    wanted: tuple[Toggle, ...] = ()
    if options is not None and request.suite.attribute:
        wanted = options_left(ready, request.suite, ready.planned, request.resume)
    remember(request.root, setting.host)
    logs = sweep_logs(ready.results)
    if logs:
        observer.notice(f"removed {logs} log{'s' if logs > 1 else ''} of killed runs that no record names")
    observer.begins(setting.host, setting.device_name, left, len(ready.planned) - len(left))
    pairs: list[Pair] = []
    with ExitStack() as stack:
        job = _MainJob(request, ready, observer, journal, stack, before)
        try:
            job.run(left)
            for pair in measure_options(ready, wanted, options) if options is not None else ():
                pairs.append(pair)
        except KeyboardInterrupt:
            measured = {record.cell for record in job.records}
            cells_left = sum(one.cell.id not in measured for one in left)
            at_work = job.runner.at_work
            cell = at_work.cell.id if at_work is not None and _under_way(ready, at_work) else None
            summary = Summary(job.records, setting.host, tuple(pairs))
            raise Interrupted(summary, journal.path, cells_left, len(wanted) - len(pairs), cell) from None
    return Summary(job.records, setting.host, tuple(pairs))


class _MainJob:
    """The cells of a run, in the order in which they answer soonest."""

    def __init__(
        self,
        request: Request,
        ready: Prepared,
        observer: Observer,
        journal: Journal[Record],
        stack: ExitStack,
        before: Sequence[Record],
    ) -> None:
        self.runner = SingleCellRunner(request, ready.executor, observer, ready, journal)
        self._suite = request.suite
        earlier = tuple(of_run(before))
        run = next((one.turns.run for one in earlier if one.turns), None) or _new_run()
        self._rounds: Rounds | None = None
        if isinstance(ready.executor, LocalExecutor):
            servers = stack.enter_context(Servers(ready.executor.fork))
            self._rounds = Rounds(
                ready,
                GroupRun(ready, servers, observer, journal),
                observer,
                run,
                ready.executor.clock(),
                request.until,
                request.precision,
                earlier,
                self.runner.records,
            )

    @property
    def records(self) -> tuple[Record, ...]:
        """One for each cell that was measured."""
        return latest((*self.runner.records, *(self._rounds.runs.records if self._rounds else ())))

    def run(self, left: Sequence[Planned]) -> None:
        """Baselines first, each by itself; others beside theirs, and what can't take turns in the suite's order."""
        if self._rounds is None:
            for one in left:
                self._by_itself(one)
            return
        wanted = {one.cell.id for one in left}
        found = networks(self._suite, self.runner.ready.planned)
        for network in found:
            first = network.baseline
            if first is not None and first.cell.id in wanted and self._takes_turns(first):
                self._by_itself(first)
        turning = [self._turning(network) for network in found]
        paired = {one.cell.id for network in turning if network.baseline for one in (network.baseline, *network.others)}
        apart = paired | {record.cell for record in self.records}
        for one in left:
            if one.cell.id not in apart:
                self._by_itself(one)
        for network in turning:
            if beside := [one for one in network.others if one.cell.id in wanted & paired]:
                self._rounds.visit(network, beside)
        self._rounds.sharpen([network for network in turning if network.baseline is not None])

    def _turning(self, network: Network) -> Network:
        """What of the network takes turns; nothing without its baseline, where that failed or is trained."""
        failed = {record.cell for record in self.records if not record.ok}
        baseline = network.baseline
        if baseline is None or baseline.cell.id in failed or not self._takes_turns(baseline):
            return Network(None, ())
        return Network(baseline, tuple(filter(self._takes_turns, network.others)))

    def _takes_turns(self, planned: Planned) -> bool:
        return self._rounds is not None and planned.skip is None and planned.cell.train is None

    def _by_itself(self, planned: Planned) -> None:
        turns = self._rounds.turns_alone() if self._rounds is not None and planned.skip is None else None
        self.runner.measure(planned, turns)


def _new_run() -> str:
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.urandom(3).hex()}"


def _under_way(ready: Prepared, planned: Planned) -> bool:
    """Is a training of it kept, to be gone on with?"""
    places = ready.places(planned)
    return places is not None and any(places.checkpoint.glob("*.npz"))


def _key(planned: Planned, setting: RunContext) -> tuple[str, str, str]:
    return (setting.host.id, planned.cell.id, fingerprints(planned, setting.info(planned.cell), setting.software)[1])
