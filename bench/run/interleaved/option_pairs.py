"""After a suite's cells: each option of its variants measured on against off, interleaved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from bench.analyse.stats.interleaved import paired
from bench.analyse.stats.ratio import Ratio
from bench.results.journal import Journal, pairs_path
from bench.results.pair import Pair
from bench.results.writable import writable
from bench.run.interleaved.pairs import Cut, PairObserver, PairPlan, measure_pair
from bench.run.interleaved.toggles import Toggle, toggles
from bench.run.plan import Planned, fingerprints
from bench.run.prepare import Prepared
from bench.run.process.executors import LocalExecutor
from bench.suite.cells import Suite

__all__ = ["OPTION_PLAN", "OptionObserver", "measure_options", "options_left"]

OPTION_PLAN = PairPlan(max_rounds=8)
"""Fewer rounds than `bench ab` may take: there are many pairs."""


class OptionObserver(PairObserver, Protocol):
    """Who is told how it goes."""

    def notice(self, text: str) -> None: ...
    def pair_begins(self, what: str, rounds: int) -> None: ...
    def pair_ends(self, pair: Pair) -> None: ...


def options_left(ready: Prepared, suite: Suite, planned: Sequence[Planned], resume: bool) -> tuple[Toggle, ...]:
    """What is to be measured; with `resume` without what has a good pair already. Raises InputError where pairs can't
    be kept."""
    if not isinstance(ready.executor, LocalExecutor):
        return ()
    path = pairs_path(ready.root, ready.setting.host.id, suite.name, ready.setting.team)
    writable(path, Pair)
    wanted = toggles(suite, planned, ready.setting.hardware)
    if not resume:
        return wanted
    done = {(pair.a.fingerprint, pair.b.fingerprint) for pair in Journal(path, Pair).read().records if _answered(pair)}
    return tuple(one for one in wanted if (_print(one.a, ready), _print(one.b, ready)) not in done)


def measure_options(ready: Prepared, wanted: Sequence[Toggle], observer: OptionObserver) -> Iterator[Pair]:
    """Measure each of `wanted`, and give it once it is kept.

    On Ctrl-C KeyboardInterrupt passes through, and costs the pair at work.
    """
    for number, one in enumerate(wanted, start=1):
        what = f"{one.option} on against off, {number} of {len(wanted)}: {one.a.cell.id} and {one.b.cell.id}"
        observer.pair_begins(what, OPTION_PLAN.max_rounds)
        try:
            pair = measure_pair(ready, one.a, one.b, OPTION_PLAN, observer, purpose="option", option=one.option)
        except Cut:
            raise KeyboardInterrupt from None
        setting = ready.setting
        journal = Journal(pairs_path(ready.root, setting.host.id, setting.suite.name, setting.team), Pair)
        for notice in journal.append(pair):
            observer.notice(notice)
        observer.pair_ends(pair)
        yield pair


def _answered(pair: Pair) -> bool:
    # one that was interrupted, or whose cells failed, is to be measured again
    return len(pair.rounds) >= OPTION_PLAN.min_rounds and isinstance(paired(pair), Ratio)


def _print(planned: Planned, ready: Prepared) -> str:
    return fingerprints(planned, ready.setting.info(planned.cell), ready.setting.software)[0]
