"""The best options of one network on this machine: searched for, checked for what they learn, and measured again."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from bench.analyse.stats.spread import spread_of
from bench.analyse.tune.candidate import Candidate
from bench.analyse.tune.result import AccuracyCheck, Confirmed, Tuned
from bench.analyse.tune.search import Search
from bench.host.profile import HostProfile
from bench.host.registry import remember
from bench.instruments.stats import estimate_of
from bench.results.journal import Journal, journal_path
from bench.results.record import Record
from bench.results.writable import writable
from bench.run.interleaved.groups import GroupRun
from bench.run.interleaved.turns import Servers
from bench.run.plan import Planned
from bench.run.prepare import Prepared, Request, prepared
from bench.run.process.executors import LocalExecutor
from bench.run.single_cell import SingleCellRunner
from bench.run.tune.accuracy import AccuracyJudge, fastest_that_learns, same_arithmetic
from bench.run.tune.confirm import Confirmation
from bench.run.tune.earlier import Earlier, earlier
from bench.run.tune.evaluator import Evaluator
from bench.run.tune.request import BaselineFailed, TuneObserver, TuneRequest, tune_suite
from bench.run.tune.space import Space, cell_of, option_space
from bench.suite.cells import Cell

__all__ = ["tune"]

_CONFIRM, _JUDGE = 0.3, 0.3
"""Shares of the time for measuring the best again, and for what it learns, where that is judged."""
_END_SECONDS = 1.0
"""What ending all processes takes."""


def tune(request: TuneRequest, executor: LocalExecutor, observer: TuneObserver) -> Tuned:
    """Search the options of the request's network, and measure the best again. Each process leaves a record.

    Raises InputError before anything is run or written where the input can't be run, `BaselineFailed` where the
    baseline doesn't end well, `JournalError` where a record can't be kept. On Ctrl-C it gives what is known by then;
    KeyboardInterrupt passes through only where nothing is.
    """
    began = executor.clock()
    suite = tune_suite(request)
    base = suite.cells()[0]
    # other batches are asked for too: one that the data doesn't fill is told before anything runs
    cells = [base, *(cell_of(base, base.variant.name, base.variant.options, size) for size in request.batch_sizes)]
    asked = Request(
        suite,
        cells,
        request.root,
        request.data_dir,
        request.strict_data,
        host=request.host,
        idle_power=False,
    )
    with prepared(asked, executor, observer.notice) as ready, Servers(executor.fork) as servers:
        journal = Journal(journal_path(request.root, ready.setting.host.id, suite.name, ready.setting.team), Record)
        writable(journal.path)
        if ready.planned[0].skip is not None:
            raise BaselineFailed(ready.planned[0].skip)
        remember(request.root, ready.setting.host)
        space = option_space(base, ready.setting.hardware, request.batch_sizes, ready.planned[0].data)
        planned = {one.name: ready.plan(_cell(base, one)) for one in space.candidates}
        before = Earlier() if request.fresh else earlier(request.root, ready, planned)
        for text in before.notices:
            observer.notice(text)
        observer.begins(ready.setting.host, ready.setting.device_name, space, len(before.known), request.budget)
        runs = GroupRun(ready, servers, observer, journal)
        runner = SingleCellRunner(asked, executor, observer, ready, journal)
        return _Tuning(request, ready, space, planned, before, runs, runner, observer, began).run()


class _Tuning:
    """One search on its way; each stage adds to what `_so_far` gives."""

    def __init__(
        self,
        request: TuneRequest,
        ready: Prepared,
        space: Space,
        planned: Mapping[str, Planned],
        before: Earlier,
        runs: GroupRun,
        runner: SingleCellRunner,
        observer: TuneObserver,
        began: float,
    ) -> None:
        self._request, self._ready, self._space, self._observer = request, ready, space, observer
        self._runs, self._runner, self._began = runs, runner, began
        self._ends = began + request.budget - _END_SECONDS
        baseline = space.candidates[0]
        self._evaluator = Evaluator(
            ready,
            runs,
            planned,
            baseline.name,
            f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.urandom(3).hex()}",
            request.max_bytes,
        )
        self._search = Search(
            space.candidates,
            self._evaluator,
            _luck(ready.setting.host),
            request.plan,
            heard=lambda rung: observer.rung_ends(rung, self._left()),
            begins=lambda number, names, _seconds: observer.rung_begins(number, names, self._left()),
            earlier=before.samples,
        )
        self._known = before.known
        self._checks: list[AccuracyCheck] = []
        self._best: Candidate | None = None
        self._confirmation: Confirmation | None = None
        self._seconds = {"start": self._clock() - began}

    def run(self) -> Tuned:
        try:
            self._stages()
        except KeyboardInterrupt:
            if not self._search.samples:
                raise
            if self._best is None and not self._checks:
                self._best = self._faster()
            return replace(self._so_far(), state="interrupted")
        return self._so_far()

    def _stages(self) -> None:
        left = self._left()
        data = self._ready.planned[0].data
        judged = self._request.check_accuracy and data is not None and not data.synthetic
        with _Timed(self, "search"):
            self._find(left * (1 - _CONFIRM - (_JUDGE if judged else 0)))
            if judged and self._judge(left * _JUDGE).why_not() is not None:
                self._find(left * (1 - _CONFIRM))  # it can't be judged in this time, which is better spent here
            if self._faster() is None:
                self._find(left)  # there is nothing to be measured again
        with _Timed(self, "accuracy"):
            self._best = self._accepted(left * _JUDGE)
        if self._best is not None:
            with _Timed(self, "confirmation"):
                self._observer.confirming(self._best.name, self._left())
                self._confirmation = Confirmation(
                    self._evaluator,
                    self._space.candidates[0],
                    self._best,
                    self._search.start_seconds,
                    self._observer.confirmed,
                )
                self._confirmation.run(self._ends)

    def _find(self, budget: float) -> None:
        """Search until it has taken so many seconds."""
        try:
            self._search.run(min(budget, self._search.spent + self._left()))
        except RuntimeError as error:
            raise BaselineFailed(str(error)) from error

    def _judge(self, seconds: float) -> AccuracyJudge:
        return AccuracyJudge(
            self._runner, self._ready.planned[0], seconds, self._search.start_seconds, self._step_seconds()
        )

    def _accepted(self, seconds: float) -> Candidate | None:
        """The fastest candidate that doesn't surely learn worse."""
        judge, baseline = self._judge(seconds), self._space.candidates[0]

        def checked(best: Candidate) -> AccuracyCheck:
            check = self._check(judge, best, baseline, bool(self._checks))
            self._checks.append(check)
            self._observer.checked(check)
            return check

        return fastest_that_learns(self._faster, checked)

    def _check(self, judge: AccuracyJudge, best: Candidate, baseline: Candidate, again: bool) -> AccuracyCheck:
        if not self._request.check_accuracy:
            return AccuracyCheck(best.name, None, why="not asked for")
        if same_arithmetic(best, baseline):
            return AccuracyCheck(best.name, None, why="its steps compute the very same as the baseline's")
        if again and self._left() < judge.seconds:
            return AccuracyCheck(best.name, None, why="there was no time left to train it too")
        if judge.why_not() is None:
            self._observer.checking(best.name, judge.steps)
        return judge.check(self._evaluator.planned[best.name], best)

    def _faster(self, refused: Sequence[Candidate] = ()) -> Candidate | None:
        """The best candidate that was measured and learns otherwise than all that were `refused`; None where none is
        faster than the baseline, as far as is known."""
        best = self._search.best(lambda one: not any(same_arithmetic(one, other) for other in refused))
        return None if best is None or best == self._space.candidates[0] else best

    def _so_far(self) -> Tuned:
        setting, search = self._ready.setting, self._search
        confirmed: Confirmed | None = self._confirmation.confirmed() if self._confirmation is not None else None
        data = self._ready.planned[0].data
        return Tuned(
            model=self._request.cell.model.name,
            host=setting.host.id,
            device=setting.device_name,
            data=data.name if data is not None else "",
            info=data,
            suite=setting.suite.name,
            baseline=self._space.candidates[0],
            best=self._best,
            confirmed=confirmed,
            accuracy=tuple(self._checks),
            standings=search.ranked(),
            rungs=tuple(search.rungs),
            known_before=tuple(one.name for one in self._space.candidates if one.name in self._known),
            left_out=self._space.left_out,
            folded=self._space.folded,
            budget=self._request.budget,
            seconds=self._seconds | {"whole": self._clock() - self._began},
        )

    def _step_seconds(self) -> float:
        """Of the baseline, as the search measured it."""
        name = self._space.candidates[0].name
        found = [estimate_of(one.timed) for one in self._runs.records if one.variant == name and one.ok]
        return max((one.step_seconds for one in found if one is not None), default=1.0)

    def _left(self) -> float:
        return self._ends - self._clock()

    def _clock(self) -> float:
        return self._ready.executor.clock()


def _cell(base: Cell, candidate: Candidate) -> Cell:
    return cell_of(base, candidate.name, candidate.options, candidate.batch_size)


class _Timed:
    """Notes what a stage took, however it ends."""

    def __init__(self, tuning: _Tuning, stage: str) -> None:
        self._tuning, self._stage = tuning, stage

    def __enter__(self) -> None:
        self._since = self._tuning._clock()

    def __exit__(self, *error: object) -> None:
        self._tuning._seconds[self._stage] = self._tuning._clock() - self._since


def _luck(host: HostProfile) -> float:
    """The standard deviation of what equal processes that take turns differ by, as a share."""
    spread = spread_of(host)
    return spread.share if spread.in_turns is None else spread.in_turns
